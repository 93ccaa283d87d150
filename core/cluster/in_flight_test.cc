#include "core/cluster/in_flight.h"

#include <map>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace portrait::cluster {
namespace {

using ::testing::ElementsAre;
using Kind = LogEntry::Kind;

constexpr char kAlice[] = "13105551234@s.whatsapp.net";
constexpr char kBob[] = "4915112345678@s.whatsapp.net";
constexpr char kLid[] = "100@lid";

// The records that are applied.
class Applied final : public ContactSource {
 public:
  std::map<std::string, std::string> ids;  // JID → picture id
  std::map<std::string, std::string> counterparts;
  bool has_objections = false;

  absl::StatusOr<std::vector<std::optional<store::v1::ContactRecord>>>
  ReadRecords(absl::Span<const absl::string_view> jids) override {
    std::vector<std::optional<store::v1::ContactRecord>> records;
    for (const absl::string_view jid : jids) {
      records.emplace_back();
      const auto found = ids.find(std::string(jid));
      if (found == ids.end()) continue;
      records.back().emplace().set_id(found->second);
    }
    return records;
  }
  absl::StatusOr<std::vector<std::string>> ReadCounterparts(
      absl::Span<const absl::string_view> jids) override {
    std::vector<std::string> found;
    for (const absl::string_view jid : jids) {
      found.push_back(counterparts[std::string(jid)]);
    }
    return found;
  }
  absl::StatusOr<std::vector<bool>> ReadSuppressed(
      absl::Span<const absl::string_view> jids) override {
    return std::vector<bool>(jids.size(), has_objections);
  }
  ForgottenTime ForgottenAt(absl::string_view, uint32_t) const override {
    return {};
  }
  bool has_suppressed() const override { return has_objections; }
};

class InFlightTest : public ::testing::Test {
 protected:
  static LogEntry Record(const std::string& jid, const std::string& id,
                         const std::string& lid = "") {
    LogEntry entry;
    entry.id = jid;
    entry.record.set_jid(jid);
    entry.record.set_id(id);
    entry.record.set_lid(lid);
    return entry;
  }
  static LogEntry Of(Kind kind, const std::string& id, bool is_erased) {
    LogEntry entry;
    entry.kind = kind;
    entry.id = id;
    entry.is_erased = is_erased;
    return entry;
  }

  // The ids of the pictures; "-" if there is no record.
  std::vector<std::string> Ids(std::vector<absl::string_view> jids) {
    std::vector<std::string> ids;
    const auto records = in_flight_.ReadRecords(jids);
    for (const auto& record : *records) {
      ids.push_back(record.has_value() ? record->id() : "-");
    }
    return ids;
  }

  Applied applied_;
  InFlight in_flight_{applied_,
                      [](absl::string_view jid) { return std::string(jid); }};
};

TEST_F(InFlightTest, ReadsWhatIsOnItsWayBeforeWhatIsApplied) {
  applied_.ids = {{kAlice, "1"}, {kBob, "1"}};
  in_flight_.Add(1, Record(kAlice, "2"));
  EXPECT_THAT(Ids({kBob, kAlice, kLid}), ElementsAre("1", "2", "-"));
  in_flight_.Add(2, Of(Kind::kRecord, kBob, /*is_erased=*/true));
  EXPECT_THAT(Ids({kBob}), ElementsAre("-"));
}

TEST_F(InFlightTest, AnEntryStaysUntilTheNewestWriteOfItsKeyIsApplied) {
  in_flight_.Add(1, Record(kAlice, "1"));
  in_flight_.Add(2, Record(kAlice, "2"));
  in_flight_.Remove(1, Record(kAlice, "1"));
  EXPECT_THAT(Ids({kAlice}), ElementsAre("2"));
  in_flight_.Remove(2, Record(kAlice, "2"));
  EXPECT_THAT(Ids({kAlice}), ElementsAre("-"));
  EXPECT_EQ(in_flight_.size(), 0u);
}

TEST_F(InFlightTest, TheLidOfAPhoneNumberIsWhatItsRecordSays) {
  applied_.counterparts = {{kAlice, "old@lid"}, {"old@lid", kAlice}};
  const std::vector<absl::string_view> jids = {kAlice, kLid, "old@lid"};
  in_flight_.Add(1, Record(kAlice, "1", kLid));
  LogEntry lid = Of(Kind::kLid, kLid, false);
  lid.phone_jid = kAlice;
  in_flight_.Add(2, lid);
  in_flight_.Add(3, Of(Kind::kLid, "old@lid", /*is_erased=*/true));
  EXPECT_THAT(*in_flight_.ReadCounterparts(jids),
              ElementsAre(kLid, kAlice, ""));
  in_flight_.Add(4, Record(kAlice, "1"));
  EXPECT_THAT(*in_flight_.ReadCounterparts({kAlice}), ElementsAre(""));
}

TEST_F(InFlightTest, AnObjectionHoldsBeforeItIsApplied) {
  EXPECT_FALSE(in_flight_.has_suppressed());
  in_flight_.Add(1, Of(Kind::kObjection, kAlice, false));
  EXPECT_TRUE(in_flight_.has_suppressed());
  const std::vector<absl::string_view> jids = {kAlice, kBob};
  EXPECT_THAT(*in_flight_.ReadSuppressed(jids), ElementsAre(true, false));
  in_flight_.Remove(1, Of(Kind::kObjection, kAlice, false));
  EXPECT_FALSE(in_flight_.has_suppressed());
  // Its removal, too.
  applied_.has_objections = true;
  in_flight_.Add(2, Of(Kind::kObjection, kAlice, /*is_erased=*/true));
  EXPECT_THAT(*in_flight_.ReadSuppressed(jids), ElementsAre(false, true));
}

}  // namespace
}  // namespace portrait::cluster
