"""Scripts that write pages and pictures of docs/. `make docs` runs them; tests check that they were run."""
