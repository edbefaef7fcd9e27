"""A letter to send by email, from whom, and how our tests log in."""

from assistant.carriers.base import Parcel

FROM = "Letters for Norma Cruz <letters@campaign.example>"
SECRET = bytes(range(32))
LOGIN = ("letters@campaign.example", "p@ss/w:rd ñ?#")
IN_URL = "letters%40campaign.example:p%40ss%2Fw%3Ard%20%C3%B1%3F%23"


def parcel(key: str = "case-0001", to: str = "office@example.org", text: str = "Sra. Fiscal:\n") -> Parcel:
    """A letter of nobody's."""
    return Parcel(
        key=key, to=to, subject="About Norma Cruz", text=text, pdf=b"%PDF-1.7 invented\n" * 50, facts={}
    )
