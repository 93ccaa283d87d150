// Test doubles for lookups: a sink that records results, a directory of
// sessions that the test sets, and a session that answers from a table.
#ifndef PORTRAIT_CORE_LOOKUP_TESTING_FAKE_WHATSAPP_H_
#define PORTRAIT_CORE_LOOKUP_TESTING_FAKE_WHATSAPP_H_

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "core/base/clock.h"
#include "core/lookup/lookup_request.h"
#include "core/lookup/lookup_results.h"
#include "core/work/session_directory.h"
#include "core/work/work_source.h"
#include "tests/support/test_deadline.h"

namespace portrait {

// A parsed result of LookupResults.
struct LookupResult {
  v1::EnrichResult result;
  bool changed = false;
};

// Thread-safe.
class RecordingSink : public ResultSink {
 public:
  void OnResults(LookupResults results) override {
    absl::MutexLock lock(&mu_);
    ++calls_;
    for (size_t i = 0; i < results.size(); ++i) {
      results_.push_back({results.Decode(i), results.facts()[i].changed});
    }
  }

  // Waits until there are `count` results; returns fewer after kTestDeadline.
  std::vector<LookupResult> Wait(size_t count) {
    absl::MutexLock lock(&mu_);
    const auto enough = [this, count]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
      return results_.size() >= count;
    };
    mu_.AwaitWithTimeout(absl::Condition(&enough), kTestDeadline);
    return results_;
  }
  // Waits for the result of a call with one item.
  v1::EnrichResult WaitForOne() {
    const std::vector<LookupResult> results = Wait(1);
    return results.empty() ? v1::EnrichResult() : results[0].result;
  }
  std::vector<LookupResult> results() {
    absl::MutexLock lock(&mu_);
    return results_;
  }
  int calls() {
    absl::MutexLock lock(&mu_);
    return calls_;
  }

 private:
  absl::Mutex mu_;
  std::vector<LookupResult> results_ ABSL_GUARDED_BY(mu_);
  int calls_ ABSL_GUARDED_BY(mu_) = 0;
};

// Thread-safe. Has one session that is ready for work until the test changes
// it.
class FakeDirectory : public SessionDirectory {
 public:
  void Set(Availability availability) {
    absl::MutexLock lock(&mu_);
    availability_ = availability;
  }
  void SetOwn(const std::string& user) {
    absl::MutexLock lock(&mu_);
    own_ = user;
  }

  Availability GetAvailability(const std::string& session) const override {
    absl::MutexLock lock(&mu_);
    return session == "unlinked" ? Availability() : availability_;
  }
  bool Exists(const std::string&) const override { return true; }
  bool IsOwn(const whatsapp::Jid& jid) const override {
    absl::MutexLock lock(&mu_);
    return jid.user == own_;
  }

 private:
  mutable absl::Mutex mu_;
  Availability availability_ ABSL_GUARDED_BY(mu_) = {1, 1,
                                                     absl::InfiniteFuture()};
  std::string own_ ABSL_GUARDED_BY(mu_);
};

// WhatsApp's answer to `task` for a contact whose picture has `id` (empty: no
// picture set), with the URLs the task needs.
inline Observation Seen(const ContactTask& task, const std::string& id,
                        absl::Time now, const std::string& session = "s") {
  Observation seen;
  seen.jid = task.contact.jid.ToString();
  seen.registration = v1::REGISTRATION_REGISTERED;
  seen.state =
      id.empty() ? v1::PICTURE_STATE_NOT_SET : v1::PICTURE_STATE_AVAILABLE;
  seen.picture_id = id;
  const auto needed = [&](UrlNeed need) {
    if (id.empty() || (!id.empty() && id == task.existing_id)) return false;
    return need == UrlNeed::kAlways ||
           (need == UrlNeed::kIfIdChanged && id != task.stored_id);
  };
  if (needed(task.full_url)) {
    seen.full_url = PictureUrl{absl::StrCat("https://cdn.example/", id),
                               now + absl::Hours(48)};
  }
  if (needed(task.preview_url)) {
    seen.preview_url = PictureUrl{absl::StrCat("https://cdn.example/p", id),
                                  now + absl::Hours(48)};
  }
  seen.observed_at = now;
  seen.session = session;
  return seen;
}

}  // namespace portrait

#endif  // PORTRAIT_CORE_LOOKUP_TESTING_FAKE_WHATSAPP_H_
