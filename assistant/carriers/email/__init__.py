"""Letters by email, over SMTP, and the reading of what comes back."""
