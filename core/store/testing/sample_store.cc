#include "core/store/testing/sample_store.h"

#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/store/testing/test_observations.h"

namespace portrait {
namespace {

// The kept samples in tests/data were written with these times.
constexpr int kFirst = 100'000'000;

Observation WithUrls(Observation observation, const std::string& name) {
  const std::string host = "https://pps.example.net/v/";
  observation.full_url = {absl::StrCat(host, name, ".jpg"),
                          At(kFirst + 86'400)};
  observation.preview_url = {absl::StrCat(host, name, "-p.jpg"),
                             At(kFirst + 90'000)};
  observation.direct_path = absl::StrCat("/v/", name, ".jpg");
  observation.type = "image";
  observation.hash = std::string(32, '\x17');
  observation.session = "main";
  return observation;
}

Observation OfBusiness(Observation observation, const std::string& name) {
  observation.is_business = true;
  observation.name = name;
  return observation;
}

Observation Named(const std::string& jid, const std::string& name, int second) {
  Observation observation;
  observation.jid = jid;
  observation.name = name;
  observation.observed_at = At(second);
  return observation;
}

std::string Line(const Change& change) {
  return absl::StrCat(change.sequence, " ", change.jid, " ",
                      v1::ChangeKind_Name(change.kind), " ", change.old_id, ">",
                      change.new_id, " ", absl::FormatTime(change.observed_at),
                      "\n");
}

absl::StatusOr<std::string> DescribeValues(KeyValueStore& values) {
  ASSIGN_OR_RETURN(const auto entries, values.List(""));
  std::string text;
  for (const auto& [key, value] : entries) {
    absl::StrAppend(&text, key, " = ", absl::CHexEscape(value), "\n");
  }
  return text;
}

}  // namespace

absl::Status WriteSample(Stores& stores) {
  PictureStore& pictures = *stores.pictures;
  const std::vector<std::vector<Observation>> batches = {
      {WithUrls(Available(kSampleAda, "1600000001", kFirst + 1), "one"),
       Available(kSampleBob, "1600000002", kFirst + 1),
       Registered(kSampleAbsent, v1::REGISTRATION_NOT_REGISTERED, kFirst + 1),
       Told(kSampleNameless, v1::PICTURE_STATE_NOT_SET, kFirst + 1),
       Named(kSampleNamed, "Named Only", kFirst + 1)},
      {WithLid(WithUrls(Available(kSampleAda, "1600000003", kFirst + 2), "two"),
               kSampleAdaLid),
       OfBusiness(Told(kSampleBob, v1::PICTURE_STATE_HIDDEN, kFirst + 2),
                  "Bob & Sons"),
       Available(kSampleGroup, "1600000004", kFirst + 2),
       Available(kSampleForgotten, "1600000005", kFirst + 2),
       Available(kSampleObjected, "1600000006", kFirst + 2)},
  };
  for (const std::vector<Observation>& batch : batches) {
    RETURN_IF_ERROR(pictures.Apply(batch).status());
  }
  RETURN_IF_ERROR(pictures.Forget(kSampleForgotten, false).status());
  RETURN_IF_ERROR(pictures.Forget(kSampleObjected, true).status());
  RETURN_IF_ERROR(stores.sessions->Put("main", "sealed keys"));
  return stores.access->Put("token/00ff", "a token");
}

absl::StatusOr<std::string> DescribeSample(Stores& stores) {
  const std::vector<std::string> jids = {
      kSampleAda,       kSampleAdaLid,   kSampleBob,
      kSampleAbsent,    kSampleNamed,    kSampleGroup,
      kSampleForgotten, kSampleObjected, kSampleNameless};
  ASSIGN_OR_RETURN(const std::vector<StoredContact> contacts,
                   stores.pictures->Get(jids));
  std::string text;
  for (size_t i = 0; i < jids.size(); ++i) {
    store::v1::ContactRecord record =
        contacts[i].record.value_or(store::v1::ContactRecord());
    record.clear_used_day();  // depends on the store, not on the contact
    absl::StrAppend(&text, jids[i], ": ",
                    contacts[i].record ? record.ShortDebugString() : "nothing",
                    contacts[i].suppressed ? ", objected" : "", "\n");
    ASSIGN_OR_RETURN(const std::vector<Change> history,
                     stores.pictures->ReadHistory(jids[i], 0, 100));
    for (const Change& change : history) {
      absl::StrAppend(&text, "  ", Line(change));
    }
  }
  ASSIGN_OR_RETURN(const std::vector<Change> changes,
                   stores.pictures->ReadChanges(0, 100));
  for (const Change& change : changes) absl::StrAppend(&text, Line(change));
  absl::StrAppend(&text, "last ", stores.pictures->last_sequence(), "\n");
  for (KeyValueStore* values : {stores.sessions.get(), stores.access.get()}) {
    ASSIGN_OR_RETURN(const std::string lines, DescribeValues(*values));
    text += lines;
  }
  return text;
}

}  // namespace portrait
