// Tests a copy of a store that follows a log.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/store/replica.h"
#include "core/store/suppression.h"
#include "core/store/testing/test_observations.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/temporary_folder.h"

namespace portrait {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using Kind = LogEntry::Kind;

constexpr char kKey[] = "01234567890123456789012345678901";

class RocksDbReplicaTest : public ::testing::Test {
 protected:
  absl::StatusOr<ReplicaStores> Open(const std::string& key = kKey) {
    return OpenRocksDbReplica(folder_.path() + "/db", RocksDbOptions(), key);
  }

  // With a change whose sequence is the next one.
  LogEntry Record(const std::string& jid, const std::string& id,
                  const std::string& lid = "") {
    LogEntry entry;
    entry.id = jid;
    entry.record.set_jid(jid);
    entry.record.set_id(id);
    entry.record.set_lid(lid);
    entry.change = Change();
    entry.change->jid = jid;
    entry.change->kind = v1::CHANGE_KIND_REPLACED;
    entry.change->new_id = id;
    entry.change->sequence = ++last_sequence_;
    return entry;
  }
  static LogEntry Of(Kind kind, const std::string& id, bool is_erased) {
    LogEntry entry;
    entry.kind = kind;
    entry.id = id;
    entry.is_erased = is_erased;
    return entry;
  }
  static LogEntry Lid(const std::string& lid, const std::string& phone,
                      bool moves_history) {
    LogEntry entry = Of(Kind::kLid, lid, false);
    entry.phone_jid = phone;
    entry.moves_history = moves_history;
    return entry;
  }
  // Applies the entries at positions 1, 2, … of a partition.
  static std::vector<LoggedWrite> Write(Replica& replica,
                                        std::vector<LogEntry> entries) {
    std::vector<LoggedWrite> writes;
    for (LogEntry& entry : entries) {
      LoggedWrite& write = writes.emplace_back();
      write.entry = std::move(entry);
      write.position_name = "contacts/0";
      write.position = std::to_string(writes.size());
    }
    EXPECT_TRUE(replica.Write(absl::MakeSpan(writes)).ok());
    return writes;
  }
  static std::string IdOf(Replica& replica, const std::string& jid) {
    const std::vector<std::string> jids = {jid};
    const auto contacts = replica.pictures().Get(jids);
    EXPECT_TRUE(contacts.ok()) << contacts.status();
    if (!contacts.ok() || !contacts->at(0).record.has_value()) return "-";
    return contacts->at(0).record->id();
  }
  static uint64_t ChecksumOf(Replica& replica) {
    return *replica.Checksum([](absl::string_view) { return true; });
  }

  TemporaryFolder folder_;
  uint64_t last_sequence_ = 0;
};

TEST_F(RocksDbReplicaTest, HasTheDataAndThePositionAfterAReopening) {
  {
    const auto stores = Open();
    ASSERT_TRUE(stores.ok()) << stores.status();
    const auto writes =
        Write(*stores->replica, {Record(kAlice, "7"), Record(kAlice, "8")});
    EXPECT_EQ(writes[0].sequence, 1u);
    EXPECT_EQ(writes[1].sequence, 2u);
  }
  const auto stores = Open();
  ASSERT_TRUE(stores.ok()) << stores.status();
  EXPECT_EQ(IdOf(*stores->replica, kAlice), "8");
  EXPECT_EQ(*stores->replica->ReadPosition("contacts/0"), "2");
  EXPECT_EQ(*stores->replica->ReadPosition("contacts/1"), std::nullopt);
  EXPECT_EQ(stores->replica->pictures().last_sequence(), 2u);
  EXPECT_THAT(*stores->replica->pictures().ReadHistory(kAlice, 0, 9),
              SizeIs(2));
}

TEST_F(RocksDbReplicaTest, KnowsTheNewestSequenceOfChangesThatItLacks) {
  const auto stores = Open();
  ASSERT_TRUE(stores.ok());
  LoggedWrite erased;
  erased.entry = Of(Kind::kRecord, kAlice, /*is_erased=*/true);
  erased.position_name = "contacts/0";
  erased.position = "9";
  erased.last_sequence = 7;
  ASSERT_TRUE(stores->replica->Write({&erased, 1}).ok());
  EXPECT_EQ(stores->replica->pictures().last_sequence(), 7u);
  last_sequence_ = 3;
  const auto writes = Write(*stores->replica, {Record(kBob, "7")});
  EXPECT_EQ(writes[0].sequence, 4u);
  EXPECT_EQ(stores->replica->pictures().last_sequence(), 7u);
}

TEST_F(RocksDbReplicaTest, AMessageThatDoesNotCountMovesThePositionOnly) {
  const auto stores = Open();
  ASSERT_TRUE(stores.ok());
  LoggedWrite ignored;
  ignored.entry = Record(kAlice, "7");
  ignored.position_name = "contacts/0";
  ignored.position = "9";
  ignored.is_ignored = true;
  ASSERT_TRUE(stores->replica->Write({&ignored, 1}).ok());
  EXPECT_EQ(IdOf(*stores->replica, kAlice), "-");
  EXPECT_EQ(*stores->replica->ReadPosition("contacts/0"), "9");
}

TEST_F(RocksDbReplicaTest, ALidAndItsHistoryMoveToItsPhoneNumber) {
  const auto stores = Open();
  ASSERT_TRUE(stores.ok());
  Replica& replica = *stores->replica;
  Write(replica, {Record(kAliceLid, "7"), Lid(kAliceLid, kAlice, true),
                  Record(kAlice, "8", kAliceLid),
                  Of(Kind::kRecord, kAliceLid, /*is_erased=*/true)});
  EXPECT_EQ(IdOf(replica, kAliceLid), "8");
  EXPECT_THAT(*replica.pictures().ReadHistory(kAlice, 0, 9), SizeIs(2));
  // The record alone says whether the number has a LID.
  Write(replica, {Record(kAlice, "9")});
  EXPECT_EQ(*replica.contacts().ReadCounterparts({kAlice}),
            std::vector<std::string>{""});
}

TEST_F(RocksDbReplicaTest, ErasingCountsWhatWasErased) {
  const auto stores = Open();
  ASSERT_TRUE(stores.ok());
  const auto writes = Write(
      *stores->replica,
      {Record(kAlice, "7", kAliceLid), Lid(kAliceLid, kAlice, false),
       Of(Kind::kRecord, kAlice, true), Of(Kind::kRecord, kAliceLid, true),
       Of(Kind::kLid, kAliceLid, true), Of(Kind::kLid, kAliceLid, true)});
  EXPECT_EQ(writes[2].erased, 3u);  // the record, and its change twice
  EXPECT_EQ(writes[3].erased, 0u);
  EXPECT_EQ(writes[4].erased, 1u);
  EXPECT_EQ(writes[5].erased, 0u);
  EXPECT_EQ(IdOf(*stores->replica, kAlice), "-");
  EXPECT_THAT(*stores->replica->pictures().ReadChanges(0, 9), SizeIs(0));
}

TEST_F(RocksDbReplicaTest, TheChecksumIsThatOfTheContacts) {
  const auto stores = Open();
  ASSERT_TRUE(stores.ok());
  Replica& replica = *stores->replica;
  const uint64_t empty = ChecksumOf(replica);
  Write(replica, {Record(kAlice, "7")});
  const uint64_t alice = ChecksumOf(replica);
  EXPECT_NE(alice, empty);
  Write(replica, {Record(kBob, "7"), Of(Kind::kRecord, kBob, true)});
  EXPECT_EQ(ChecksumOf(replica), alice);
  Write(replica, {Record(kAlice, "8")});
  EXPECT_NE(ChecksumOf(replica), alice);
}

TEST_F(RocksDbReplicaTest, AStoreIsACopyOfALogOrNot) {
  { ASSERT_TRUE(Open().ok()); }
  EXPECT_THAT(OpenRocksDbStores(folder_.path() + "/db", RocksDbOptions())
                  .status()
                  .message(),
              HasSubstr("start with --kafka"));
  // The key is fixed once the store has followed a log.
  EXPECT_TRUE(Open(std::string(32, 'x')).ok());
  {
    const auto stores = Open();
    ASSERT_TRUE(stores.ok()) << stores.status();
    EXPECT_EQ(SuppressionHasher(kKey).Hash(kAlice),
              stores->replica->pictures().ObjectionIdOf(kAlice));
    ASSERT_TRUE(stores->replica->WritePosition("identity", "1").ok());
  }
  EXPECT_THAT(Open(std::string(32, 'x')).status().message(),
              HasSubstr("another key file"));
  EXPECT_TRUE(Open().ok());

  const TemporaryFolder embedded;
  { ASSERT_TRUE(OpenRocksDbStores(embedded.path(), RocksDbOptions()).ok()); }
  EXPECT_THAT(OpenRocksDbReplica(embedded.path(), RocksDbOptions(), kKey)
                  .status()
                  .message(),
              HasSubstr("a data folder of its own"));
}

}  // namespace
}  // namespace portrait
