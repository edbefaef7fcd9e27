"""The organisers' dashboard: one module for each of its pages."""
