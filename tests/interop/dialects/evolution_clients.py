"""Calls the dialect of the Evolution API with pyevolutionapi and
evolution-whatsapp."""

import os

import evolution_api
import pyevolutionapi
import pyevolutionapi.exceptions as failures

URL = os.environ["COMPAT_URL"] + "/evolution"
TOKEN, SEEN = os.environ["TOKEN"], os.environ["SEEN"]
HIDDEN, ABSENT = os.environ["HIDDEN"], os.environ["ABSENT"]


def check_numbers(answer):
    by_number = {n["number"]: n for n in answer}
    assert list(by_number) == [SEEN, ABSENT], answer
    assert by_number[SEEN]["exists"] is True, answer
    assert by_number[SEEN]["jid"] == f"{SEEN}@s.whatsapp.net", answer
    assert by_number[ABSENT]["exists"] is False, answer


def py_evolution_api():
    # This client replaces the last part of its base URL by each request's path.
    client = pyevolutionapi.EvolutionClient(f"{URL}/x", api_key=TOKEN)
    picture = client.chat.fetch_profile_picture("mine", SEEN)
    assert list(picture) == ["wuid", "profilePictureUrl"], picture
    assert picture["wuid"] == f"{SEEN}@s.whatsapp.net", picture
    assert picture["profilePictureUrl"].startswith("http"), picture
    hidden = client.chat.fetch_profile_picture("mine", f"{HIDDEN}@s.whatsapp.net")
    assert hidden["profilePictureUrl"] is None, hidden
    check_numbers(client.chat.whatsapp_numbers("mine", [SEEN, ABSENT]))
    assert [i.name for i in client.instance.fetch_instances()] == ["mine"]
    named = client.instance.fetch_instances(instance_name="mine")
    assert [i.name for i in named] == ["mine"], named
    for call in (lambda: client.chat.fetch_profile_picture("unknown", SEEN),
                 lambda: client.instance.fetch_instances("unknown")):
        try:
            call()
            raise AssertionError("an unknown instance was found")
        except failures.NotFoundError:
            pass
    stranger = pyevolutionapi.EvolutionClient(f"{URL}/x", api_key="x")
    try:
        stranger.chat.fetch_profile_picture("mine", SEEN)
        raise AssertionError("a stranger was answered")
    except failures.AuthenticationError:
        pass


def evolution_whatsapp():
    client = evolution_api.EvoClient(URL, TOKEN, "mine")
    check_numbers(client.check_is_whatsapp([SEEN, ABSENT]))
    other = evolution_api.EvoClient(URL, TOKEN, "unknown")
    try:
        other.check_numbers([SEEN])
        raise AssertionError("an unknown instance was found")
    except evolution_api.EvolutionAPIError as error:
        assert "404" in str(error), error


py_evolution_api()
evolution_whatsapp()
print("ok")
