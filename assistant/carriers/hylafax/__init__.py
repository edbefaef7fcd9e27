"""Fax, by a HylaFAX server: one telephone line of our own, spoken to in HylaFAX's own protocol."""
