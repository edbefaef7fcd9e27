"""What organisers read in their conversations, marked for translation: a module for each of those."""
