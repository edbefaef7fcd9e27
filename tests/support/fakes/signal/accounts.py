"""What the fake signal-cli-rest-api does for accounts: register, link and unblock them, and trust people."""

from aiohttp import web

from tests.support.fakes.signal.people import Json, Network, Person
from tests.support.fakes.signal.requests import refused

CODE = "123-456"
CAPTCHA = "signalcaptcha://"
LINK = "sgnl://linkdevice?uuid=invented&pub_key=invented"
IMAGE = b"\x89PNG invented"


class Accounts(Network):
    """The accounts of one server."""

    def __init__(self) -> None:
        super().__init__()
        self.accounts = [self.number]
        self.tokens: list[str] = []  # while there are any, Signal refuses to send
        self.wants_captcha = False

    async def _identities(self, request: web.Request, _body: Json) -> web.Response:
        self._own(request.match_info["number"])
        return web.json_response([_identity(person) for person in self.people])

    async def _trust(self, request: web.Request, body: Json) -> web.Response:
        self._own(request.match_info["number"])
        person = self.find(request.match_info["who"])
        known = isinstance(person, Person) and body.get("verified_safety_number") == person.safety_number
        if not known or not isinstance(person, Person):
            raise refused("Failed to set the trust: invented")
        person.trusted = True
        return web.Response(status=204)

    async def _register(self, request: web.Request, body: Json) -> web.Response:
        if self.wants_captcha and not body.get("captcha", "").startswith(CAPTCHA):
            raise refused("Captcha required for verification (null)")
        return web.Response(status=201)

    async def _verify(self, request: web.Request, _body: Json) -> web.Response:
        if request.match_info["code"] != CODE:
            raise refused("Verify error: StatusCode: 403")
        self.accounts.append(request.match_info["number"])
        return web.Response(status=201)

    async def _challenge(self, request: web.Request, body: Json) -> web.Response:
        self._own(request.match_info["number"])
        if body["challenge_token"] not in self.tokens or not body["captcha"].startswith(CAPTCHA):
            raise refused("Failed to submit the challenge: StatusCode: 428")
        self.tokens = []
        return web.Response(status=204)

    async def _link(self, _request: web.Request, _body: Json) -> web.Response:
        return web.json_response({"device_link_uri": LINK})

    async def _link_image(self, _request: web.Request, _body: Json) -> web.Response:
        return web.Response(body=IMAGE, content_type="image/png")

    def _own(self, number: str) -> None:
        if number not in self.accounts:
            raise refused("Specified account does not exist")


def _identity(person: Person) -> Json:
    return {
        "number": person.number or "",
        "uuid": person.uuid,
        "status": "TRUSTED_UNVERIFIED" if person.trusted else "UNTRUSTED",
        "fingerprint": "05 invented",
        "added": "1718816184000",
        "safety_number": person.safety_number,
    }
