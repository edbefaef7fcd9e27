"""Whatever comes from outside is read without harm: in time, and with no exception but documented ones."""
