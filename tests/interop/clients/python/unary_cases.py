"""Cases for lookups of one contact, and for failed calls."""

import datetime
import threading
import time

import grpc
import portrait_client
from portrait_client.v1 import access_pb2, profile_picture_pb2 as pb

import support


class UnaryCases:

    def unary(self, case):
        call = case["call"]
        arguments = {"existing_id": call.get("existing_id", ""),
                     "default_country": call.get("default_country", ""),
                     "size": pb.PictureSize.Value(
                         call.get("size", "PICTURE_SIZE_UNSPECIFIED"))}
        if "max_age_seconds" in call:
            arguments["max_age"] = datetime.timedelta(
                seconds=call["max_age_seconds"])
        options = {k: case[k] for k in ("token",) if k in case}
        with support.connect(case.get("server", "main"), **options) as client:
            try:
                picture = client.get(call["contact"], **arguments)
            except grpc.RpcError as error:
                self.check_error(case.get("error"), error)
            else:
                self.check_picture(case.get("picture"), picture)

    def batch(self, case):
        rows = case["rows"]
        items = [portrait_client.Item(contact, country=country, context=answer)
                 for contact, country, answer in rows]
        options = pb.LookupOptions(default_country=case["default_country"])
        with support.connect() as client:
            results = client.batch_get(items, options)
            self.assertEqual([row[0] for row in rows],
                             [result.item.contact for result in results])
            for result in results:
                got = (result.picture.jid if result.picture is not None
                       else pb.ErrorReason.Name(result.error.reason))
                self.assertEqual(result.item.context, got)
            self.assertEqual([], client.batch_get([]))
            with support.raises(self, case["too_many"]["code"]):
                client.batch_get([rows[0][0]] * case["too_many"]["items"])

    def check_error(self, expected, error):
        if expected is None:
            raise error
        why = portrait_client.lookup_error(error)
        self.assertEqual(expected["code"], error.code().name)
        self.assertEqual(
            expected["reason"], pb.ErrorReason.Name(why.reason))
        self.assertEqual(expected["retry_after"], why.HasField("retry_after"))
        self.assertTrue(why.message)

    def check_picture(self, expected, picture):
        self.assertIsNotNone(expected, picture)
        self.assertEqual(expected["jid"], picture.jid)
        self.assertEqual(expected["registration"],
                         pb.Registration.Name(picture.registration))
        self.assertEqual(expected["state"],
                         pb.PictureState.Name(picture.state))
        self.assertEqual(expected["id"], picture.id)
        self.assertEqual(expected["url"], picture.url != "")
        self.assertEqual(expected["preview_url"], picture.preview_url != "")
        self.assertEqual(expected.get("is_business", False),
                         picture.is_business)
        self.assertEqual(expected.get("name", ""), picture.name)
        if "source" in expected:
            self.assertEqual(expected["source"], pb.Source.Name(picture.source))
        self.assertGreater(picture.check_time.seconds, 0)

    def unary_newer(self, case):
        picture = support.Scripts(self).client.get("newer")
        self.assertEqual(case["unknown"], picture.state)
        self.assertEqual(case["unknown"], picture.registration)
        self.assertTrue(picture.jid)

    def error_newer(self, case):
        with support.raises(self, "UNAVAILABLE") as raised:
            support.Scripts(self).client.get("newer-error")
        why = portrait_client.lookup_error(raised.error)
        self.assertEqual(pb.ERROR_REASON_UNSPECIFIED, why.reason)
        self.assertEqual(case["retry_after_seconds"], why.retry_after.seconds)

    def deadline(self, case):
        with support.raises(self, "DEADLINE_EXCEEDED") as raised:
            support.Scripts(self).client.get(
                "silent", timeout=case["timeout_seconds"])
        self.assertLess(raised.seconds, case["within_seconds"])
        with support.connect(
                "scripted", timeout=case["timeout_seconds"]) as client:
            with support.raises(self, "DEADLINE_EXCEEDED") as raised:
                client.get("silent")
        self.assertLess(raised.seconds, case["within_seconds"])

    def unary_retried(self, case):
        scripts = support.Scripts(self)
        script = scripts.name(case["script"])
        start = time.monotonic()
        self.assertEqual("found", scripts.client.get(script).name)
        self.assertGreaterEqual(time.monotonic() - start,
                                case["at_least_seconds"])
        self.assertEqual(case["calls"],
                         scripts.stats(case["script"])["calls"])

    def plain_text_token(self, case):
        for address in case["refused"]:
            with self.subTest(address):
                with self.assertRaisesRegex(ValueError, "encrypt"):
                    support.CLIENT(address, token="secret")
                support.CLIENT(address).close()
                support.CLIENT(address, token="secret", tls=True).close()
                support.CLIENT(
                    address, token="secret", allow_plaintext=True).close()
        for address in case["accepted"]:
            with self.subTest(address):
                support.CLIENT(address, token="secret").close()

    def unary_cancelled(self, case):
        client = support.Scripts(self).client
        call = client.pictures.GetProfilePicture.future(
            pb.GetProfilePictureRequest(contact="silent"))
        threading.Timer(0.1, call.cancel).start()
        with self.assertRaises(grpc.FutureCancelledError):
            call.result(timeout=case["within_seconds"])

    def tls(self, case):
        options = support.tls_options(case)
        with support.connect(case["server"], **options) as client:
            # No account is linked; after a successful handshake the server says
            # so.
            code = "FAILED_PRECONDITION" if case["works"] else "UNAVAILABLE"
            with support.raises(self, code):
                client.get("+4915200000001")

    def revoked(self, case):
        request = access_pb2.CreateTokenRequest(
            tenant="python", role=access_pb2.ROLE_LOOKUP)
        with support.connect() as admin:
            created = admin.access.CreateToken(request)
            with support.connect(token=created.secret) as client:
                self.check_revoked(client, lambda: admin.access.RevokeToken(
                    access_pb2.RevokeTokenRequest(
                        token_id=created.token.token_id)))

    def check_revoked(self, client, revoke):
        leave = threading.Event()
        self.addCleanup(leave.set)

        def source():
            yield "+4915200000001"
            leave.wait(support.PATIENCE_SECONDS)

        results, watch = client.enrich(source()), client.watch()
        next(results)
        next(watch)  # a heartbeat
        revoke()
        for stream in (results, watch):
            with support.raises(self, "UNAUTHENTICATED"):
                list(stream)  # the contact may be a change
        with support.raises(self, "UNAUTHENTICATED"):
            client.get("+4915200000001")
