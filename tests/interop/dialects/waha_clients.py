"""Calls the dialect of WAHA with waha-py and waha-python."""

import asyncio
import os

import httpx
import waha
import waha_python

URL = os.environ["COMPAT_URL"] + "/waha"
TOKEN, SEEN = os.environ["TOKEN"], os.environ["SEEN"]
HIDDEN, ABSENT = os.environ["HIDDEN"], os.environ["ABSENT"]
FOUND = {"numberExists": True, "chatId": f"{SEEN}@c.us", "pn": f"{SEEN}@c.us"}


def check(picture_of, exists, session_error, key_error):
    """`picture_of(contact, session)` and `exists(phone)` call the client."""
    picture = picture_of(f"{SEEN}@c.us", "default")
    assert list(picture) == ["profilePictureURL"], picture
    assert picture["profilePictureURL"].startswith("http"), picture
    for contact in (HIDDEN, f"{ABSENT}@c.us"):
        none = picture_of(contact, "mine")
        assert none == {"profilePictureURL": None}, none
    assert exists(SEEN) == FOUND, exists(SEEN)
    assert exists(ABSENT) == {"numberExists": False}, exists(ABSENT)
    assert session_error() == 404, session_error()
    assert key_error() == 401, key_error()


def waha_py():
    client = waha.WahaClient(URL, api_key=TOKEN)

    def picture(contact, session):
        return client.contacts.get_profile_picture(
            {"contactId": contact, "session": session, "refresh": True})

    def status_of(other, session):
        try:
            other.contacts.get_profile_picture(
                {"contactId": SEEN, "session": session})
        except httpx.HTTPStatusError as error:
            return error.response.status_code
        return 200

    check(picture, lambda phone: client.contacts.check_exists(
        {"phone": phone, "session": "default"}),
        lambda: status_of(client, "unknown"),
        lambda: status_of(waha.WahaClient(URL, api_key="x"), "mine"))
    answer = asyncio.run(client.contacts.a_check_exists({"phone": SEEN}))
    assert answer == FOUND, answer


def waha_python_client():
    client = waha_python.WAHAClient(URL, api_key=TOKEN)

    def picture(contact, session):
        return client.contacts.get_profile_picture(session, contact,
                                                   refresh=True)

    def status_of(other, session):
        try:
            other.contacts.get_profile_picture(session, SEEN)
        except waha_python.WAHANotFoundError:
            return 404
        except waha_python.WAHAAuthenticationError:
            return 401
        return 200

    check(picture, lambda phone: client.contacts.check_exists("default", phone),
          lambda: status_of(client, "unknown"),
          lambda: status_of(waha_python.WAHAClient(URL, api_key="x"), "mine"))


waha_py()
waha_python_client()
print("ok")
