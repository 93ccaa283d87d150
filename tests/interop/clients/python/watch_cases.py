"""Cases for watching changes."""

import threading

from portrait_client.v1 import profile_picture_pb2 as pb

import support


class WatchCases:

    def watch_killed(self, case):
        contacts = [*case["contacts"], case["then"]]
        with support.connect() as client:
            for contact in case["contacts"]:
                client.get(contact)
            with client.watch("beginning", contacts,
                              first_backoff=0.01) as watch:
                changes = []

                def read_until(count):
                    while len(changes) < count:
                        changes.extend(next(watch).changes)

                read_until(len(case["contacts"]))
                support.restart_server()
                list(client.enrich([case["then"]]))
                read_until(len(contacts))
        self.assertEqual(contacts, [change.phone_number for change in changes])
        for change in changes:
            self.assertEqual(pb.CHANGE_KIND_FIRST_SEEN, change.kind)
        sequences = [change.sequence for change in changes]
        self.assertEqual(sorted(set(sequences)), sequences)

    def watch_resumes(self, case):
        watch = support.Scripts(self).client.watch(
            case["from"], [f"{case['script']}#{self.id()}"],
            first_backoff=0.001)
        tokens = []
        with support.raises(self, "PERMISSION_DENIED"):
            for response in watch:
                tokens += [change.old_id for change in response.changes]
        self.assertEqual(case["tokens"], tokens)

    def watch_cancelled(self, case):
        scripts = support.Scripts(self)
        script = scripts.name(case["script"])
        watch = scripts.client.watch(contacts=[script])
        threading.Timer(0.2, watch.close).start()
        with support.raises(self, "CANCELLED") as raised:
            next(watch)
        self.assertLess(raised.seconds, case["within_seconds"])
        support.wait_until(
            lambda: not scripts.stats(case["script"])["open"])

    def watch_newer(self, case):
        with support.Scripts(self).client.watch(
                contacts=[f"{case['script']}#{self.id()}"]) as watch:
            (change,) = next(watch).changes
        self.assertEqual(case["unknown"], change.kind)
