"""What supporters read, marked for translation: a module for each kind of conversation."""
