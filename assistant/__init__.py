"""A chat assistant for human-rights campaigns: the machinery, without a sentence that a supporter reads."""
