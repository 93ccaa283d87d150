"""Cases for the Python package only: results as tables, exceptions, enums."""

import datetime
import importlib.metadata
import unittest

import grpc
import pandas
import portrait_client
from portrait_client import _settings, enums, errors
from portrait_client.v1 import profile_picture_pb2 as pb

import support

NUMBER = 4915100000010


class PackageTest(unittest.TestCase):

    def setUp(self):
        support.CLIENT = portrait_client.Client

    def test_results_make_a_data_frame_with_a_column_for_each_key(self):
        with support.connect() as client:
            frame = pandas.DataFrame(client.enrich(
                ["+4915200000001", "+4915200000002", "nobody"]))
        rows = frame.set_index("contact")
        self.assertEqual(
            ["AVAILABLE", "HIDDEN"],
            [rows.state["+4915200000001"], rows.state["+4915200000002"]])
        self.assertEqual("1001", rows.id["+4915200000001"])
        self.assertEqual("INVALID_CONTACT", rows.error_reason["nobody"])
        self.assertTrue(pandas.isna(rows.state["nobody"]))
        self.assertEqual(datetime.timezone.utc,
                         rows.check_time["+4915200000001"].tzinfo)

    def test_a_missing_cell_is_an_invalid_contact_and_ends_nothing(self):
        # pandas reads whole numbers beside an empty cell as floats.
        cells = pandas.Series([float(NUMBER), None, float(NUMBER + 10)])
        contacts = [*cells, None, pandas.NA, pandas.NaT, True, b"+49", 1.5]
        results = list(support.Scripts(self).enrich("answer", contacts))
        self.assertEqual(len(contacts), len(results))
        found = [r for r in results if r.picture is not None]
        self.assertEqual(
            {str(NUMBER), str(NUMBER + 10)},
            {r.picture.id.removeprefix("id-") for r in found})
        for result in results:
            if result.picture is None:
                self.assertEqual(portrait_client.ErrorReason.INVALID_CONTACT,
                                 result.error.reason)
                self.assertIn("the contact is", result.error.message)

    def test_keepalive_pings_are_as_rare_as_the_server_demands(self):
        settings = _settings.make_settings(
            "127.0.0.1", token="", token_file=None, tls=False, ca_file=None,
            cert_file=None, key_file=None, allow_plaintext=False, timeout=30)
        options = dict(settings.channel_options)
        self.assertGreaterEqual(options["grpc.keepalive_time_ms"], 10_000)
        self.assertNotIn("grpc.keepalive_permit_without_calls", options)

    def test_one_text_is_no_list_of_contacts(self):
        with support.connect("scripted") as client:
            with self.assertRaisesRegex(TypeError, "get"):
                client.enrich("+4915100000010")

    def test_each_reason_has_its_exception(self):
        classes = {errors.error_class(number)
                   for number in pb.ErrorReason.values() if number != 0}
        self.assertEqual(len(pb.ErrorReason.values()) - 1, len(classes))
        with support.connect() as client:
            with self.assertRaises(portrait_client.SuppressedError) as raised:
                client.get("+4915200000005")
            self.assertIsInstance(raised.exception, grpc.RpcError)
            (result,) = client.enrich(["nobody"])
            with self.assertRaises(portrait_client.InvalidContactError):
                result.raise_for_error()

    def test_enums_have_the_members_of_the_api(self):
        for ours, theirs in enums.PROTO_ENUMS.items():
            with self.subTest(ours.__name__):
                names = {n: v for n, v in theirs.items()}
                prefix = next(n for n, v in names.items() if v == 0)
                prefix = prefix.removesuffix("UNSPECIFIED")
                self.assertEqual(names, {prefix + member.name: member.value
                                         for member in ours})

    def test_a_name_for_a_number_of_a_newer_server(self):
        self.assertEqual("4242", enums.name_of(enums.PictureState, 4242))

    def test_the_version_is_that_of_the_package(self):
        self.assertEqual(importlib.metadata.version("portrait-client"),
                         portrait_client.__version__)

    def test_the_old_name_of_the_package_still_works(self):
        import portrait
        from portrait_client.v1 import profile_picture_pb2 as old
        self.assertIs(portrait_client.Client, portrait.Client)
        self.assertIs(pb, old)

    def test_admin_calls_take_the_token(self):
        from portrait_client.v1 import admin_pb2
        with support.connect() as client:
            stats = client.admin.GetStoreStats(admin_pb2.GetStoreStatsRequest())
        self.assertIn("contacts", [family.name for family in stats.families])
