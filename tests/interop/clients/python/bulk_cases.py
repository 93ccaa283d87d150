"""Cases for bulk lookups."""

import collections
import itertools
import threading
import time

import grpc
import portrait_client
from portrait_client.v1 import profile_picture_pb2 as pb

import support

OK, HIDDEN, NOT_SET = (pb.PICTURE_STATE_AVAILABLE, pb.PICTURE_STATE_HIDDEN,
                       pb.PICTURE_STATE_NOT_SET)


def outcome_of(result):
    if result.error is not None:
        return "error: " + result.error.message
    if result.picture.registration == pb.REGISTRATION_NOT_REGISTERED:
        return "not registered"
    return pb.PictureState.Name(result.picture.state)


class BulkCases:

    def check_one_each(self, contacts, results):
        self.assertEqual(collections.Counter(contacts), collections.Counter(
            result.item.contact for result in results))
        for result in results:
            self.assertIsNone(result.error)
            self.assertEqual(result.item.contact, result.picture.phone_number)

    def bulk_numbers(self, case):
        contacts = support.numbers(
            case["count"], case["prefix"], case["first"], case["step"])
        with support.connect() as client:
            results = list(client.enrich(contacts))
        self.check_one_each(contacts, results)
        self.assertEqual(case["outcomes"],
                         collections.Counter(map(outcome_of, results)))

    def bulk_killed(self, case):
        contacts = support.numbers(
            case["count"], case["prefix"], case["first"], case["step"])
        kill_after = list(case["kill_after"])
        killers, results, troubles = [], [], []
        options = portrait_client.BulkOptions(
            **support.QUICK, on_trouble=troubles.append, max_pending=2000)
        with support.connect() as client:
            for result in client.enrich(contacts, options=options):
                results.append(result)
                if kill_after and len(results) >= kill_after[0]:
                    kill_after.pop(0)
                    killers.append(
                        threading.Thread(target=support.restart_server))
                    killers[-1].start()
            for killer in killers:
                killer.join()
        self.check_one_each(contacts, results)
        self.assertGreaterEqual(len(troubles), 2)

    def bulk_nothing(self, case):
        with support.connect("nobody") as client:
            self.assertEqual([], list(client.enrich([])))

    def bulk_repeated(self, case):
        with support.connect() as client:
            results = list(client.enrich(
                portrait_client.Item(case["contact"], context=i)
                for i in range(case["count"])))
        self.assertEqual(list(range(case["count"])),
                         sorted(result.item.context for result in results))
        for result in results:
            self.assertEqual(case["contact"], result.picture.phone_number)

    def bulk_countries(self, case):
        options = portrait_client.BulkOptions(
            lookup=pb.LookupOptions(default_country=case["default_country"]))
        with support.connect() as client:
            results = list(client.enrich(
                (portrait_client.Item(contact, country=country, context=number)
                 for contact, country, number in case["rows"]), options))
        self.assertEqual(len(case["rows"]), len(results))
        for result in results:
            if result.item.context:
                self.assertEqual(result.item.context,
                                 result.picture.phone_number)
            else:
                self.assertEqual(pb.ERROR_REASON_INVALID_CONTACT,
                                 result.error.reason)

    def contact_length(self, case):
        longest = case["contact"].ljust(case["bytes"])
        # The length counts bytes: the last has fewer characters than that.
        oversized = [longest + " ", "é" * (case["bytes"] // 2 + 1)]
        contacts = [longest, *oversized, case["contact"]]
        with support.connect() as client:
            results = list(client.enrich(contacts))
            self.assertEqual(len(contacts), len(results))
            for result in results:
                if result.item.contact in oversized:
                    self.assertEqual(pb.ERROR_REASON_INVALID_CONTACT,
                                     result.error.reason)
                else:
                    self.assertEqual(case["contact"],
                                     result.picture.phone_number)
            self.assertEqual(case["contact"], client.get(longest).phone_number)
            for contact in oversized:
                with support.raises(self, "INVALID_ARGUMENT") as raised:
                    client.get(contact)
                self.assertEqual(
                    pb.ERROR_REASON_INVALID_CONTACT,
                    portrait_client.lookup_error(raised.error).reason)

    def bulk_slow(self, case):
        scripts = support.Scripts(self)
        results = scripts.enrich(
            case["script"], support.numbers(case["count"]))
        first = next(results)
        time.sleep(case["pause_seconds"])
        sent = scripts.stats(case["script"])["sent"]
        self.assertLess(sent, case["sent_at_most"])
        self.assertEqual(case["count"], len([first, *results]))

    def bulk_window(self, case):
        source = support.Source(support.numbers(case["count"]))
        results = support.Scripts(self).enrich(
            case["script"], source, max_pending=case["max_pending"])
        next(results)
        time.sleep(case["pause_seconds"])
        # One result was received, and one item waits for room.
        self.assertLessEqual(source.taken, case["max_pending"] + 2)
        self.assertEqual(case["count"], 1 + len(list(results)))

    def bulk_trickle(self, case):
        first_is_there = threading.Event()

        def source():
            yield "+4915100000010"
            assert first_is_there.wait(support.PATIENCE_SECONDS)
            yield ""  # answered without the server
            yield "+4915100000020"

        contacts = []
        for result in support.Scripts(self).enrich(case["script"], source()):
            contacts.append(result.item.contact)
            first_is_there.set()
        self.assertEqual(3, len(contacts))

    def bulk_batches(self, case):
        results = list(support.Scripts(self).enrich(
            case["script"], support.numbers(case["count"]),
            batch_items=case["batch_items"]))
        sizes = [result.picture.name for result in results]
        counts = [int(size.rstrip("+")) for size in sizes]
        self.assertLessEqual(max(counts), case["batch_items"])
        self.assertIn(case["batch_items"], counts)
        # Only the items of the first message.
        with_options = {size for size in sizes if size.endswith("+")}
        self.assertEqual(1, len(with_options))
        self.assertEqual(int(with_options.pop().rstrip("+")),
                         sum(size.endswith("+") for size in sizes))

    def bulk_breaks(self, case):
        scripts = support.Scripts(self)
        contacts = support.numbers(case["items"])
        for answered, together in itertools.product(
                range(case["items"] + 1), case["together"]):
            with self.subTest(answered=answered, together=together):
                script = case["script"].format(
                    answered=answered, together=together)
                self.check_one_each(
                    contacts, list(scripts.enrich(script, contacts)))
                self.assertLessEqual(scripts.stats(script)["calls"], 2)

    def bulk_again(self, case):
        scripts = support.Scripts(self)
        contacts = support.numbers(case["count"])
        results = list(scripts.enrich(
            case["script"], contacts,
            silence=case.get("silence_seconds", support.PATIENCE_SECONDS)))
        self.check_one_each(contacts, results)
        self.assertGreaterEqual(scripts.stats(case["script"])["calls"],
                                case["calls_at_least"])

    def bulk_refused(self, case):
        scripts = support.Scripts(self)
        for code in case["codes"]:
            with self.subTest(code=code):
                script = case["script"].format(code=code)
                with self.assertRaises(grpc.RpcError) as raised:
                    list(scripts.enrich(script, support.numbers(20)))
                self.assertEqual(code, raised.exception.code().value[0])
                self.assertEqual(1, scripts.stats(script)["calls"])

    def bulk_gives_up(self, case):
        with support.connect(case["server"]) as client:
            options = portrait_client.BulkOptions(
                **{**support.QUICK, "retry_for": case["retry_for_seconds"]})
            with support.raises(self, "UNAVAILABLE") as raised:
                list(client.enrich(["+4915100000010"], options=options))
        self.assertGreaterEqual(raised.seconds, case["retry_for_seconds"])

    def bulk_unsendable(self, case):
        bad = ["", " \t", "9" * 1025, "+49\udc80"]
        good = support.numbers(3)
        results = list(support.Scripts(self).enrich(
            case["script"], [*bad, *good]))
        by_contact = {result.item.contact: result for result in results}
        self.assertEqual(len(bad) + len(good), len(results))
        for contact in bad:
            self.assertEqual(pb.ERROR_REASON_INVALID_CONTACT,
                             by_contact[contact].error.reason)
        for contact in good:
            self.assertEqual(contact, by_contact[contact].picture.phone_number)

    def bulk_source_fails(self, case):
        def source():
            yield from support.numbers(case["count"])
            raise ZeroDivisionError("line 11")

        results = []
        with self.assertRaisesRegex(ZeroDivisionError, "line 11"):
            for result in support.Scripts(self).enrich(
                    case["script"], source()):
                results.append(result)
        self.check_one_each(support.numbers(case["count"]), results)

    def bulk_cancelled(self, case):
        scripts = support.Scripts(self)

        # Cancelled in the middle, by leaving the loop.
        source = support.Source(support.numbers(50_000))
        for _ in scripts.enrich(case["script"], iter(source), max_pending=100):
            break
        support.wait_until(lambda: source.closed)
        self.assertLess(source.taken, 50_000)
        support.wait_until(lambda: not scripts.stats(case["script"])["open"])

        # Cancelled from another thread, while no result arrives.
        results = scripts.enrich(
            case["silent_script"], support.numbers(10))
        threading.Timer(0.2, results.close).start()
        with support.raises(self, "CANCELLED") as raised:
            next(results)
        self.assertLess(raised.seconds, case["within_seconds"])
        support.wait_until(
            lambda: not scripts.stats(case["silent_script"])["open"])

    def bulk_newer(self, case):
        contacts = support.numbers(case["count"], step=1)
        results = list(support.Scripts(self).enrich(case["script"], contacts))
        self.assertEqual(collections.Counter(contacts), collections.Counter(
            result.item.contact for result in results))
        for result in results:
            kind = result.item.contact[-1]
            if kind in "01":
                self.assertEqual(case["unknown"], result.picture.state)
                self.assertEqual(case["unknown"], result.picture.registration)
            elif kind == "2":
                self.assertEqual(case["unknown"], result.error.reason)
            elif kind == "3":
                self.assertIsNone(result.picture)
                self.assertIsNone(result.error)
            else:
                self.assertIsNotNone(result.picture)
