#include "core/cluster/log_message.h"

#include <string>

#include "core/contact/contact.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace portrait::cluster {
namespace {

using ::testing::HasSubstr;
using Kind = LogEntry::Kind;

constexpr char kAlice[] = "13105551234@s.whatsapp.net";
constexpr char kLid[] = "100875997589545@lid";

std::string Header(uint32_t version = kLogVersion) {
  store::v1::LogHeader header;
  header.set_version(version);
  header.set_epoch(3);
  header.set_writer(7);
  header.set_write_id(9);
  return header.SerializeAsString();
}

// Parses what the entry is written as.
LogEntry RoundTrip(const LogEntry& entry) {
  const std::string key = KeyOf(entry);
  const std::optional<std::string> value = ValueOf(entry);
  std::optional<absl::string_view> bytes;
  if (value.has_value()) bytes = *value;
  const auto message = ParseLogMessage(Header(), key, bytes);
  EXPECT_TRUE(message.ok()) << message.status();
  if (!message.ok()) return {};
  EXPECT_EQ(message->header.write_id(), 9u);
  return message->entry;
}

TEST(LogMessageTest, ARecordAndItsChangeAreOneMessage) {
  LogEntry entry;
  entry.id = kAlice;
  entry.record.set_jid(kAlice);
  entry.record.set_id("7");
  entry.change = Change();
  entry.change->jid = kAlice;
  entry.change->kind = v1::CHANGE_KIND_FIRST_SEEN;
  entry.change->new_id = "7";
  entry.change->sequence = 5;
  const LogEntry read = RoundTrip(entry);
  EXPECT_EQ(read.record.id(), "7");
  EXPECT_EQ(read.change->new_id, "7");
  EXPECT_EQ(read.change->sequence, 5u);
  EXPECT_EQ(read.change->kind, v1::CHANGE_KIND_FIRST_SEEN);
  EXPECT_FALSE(read.is_erased);
}

TEST(LogMessageTest, LidsObjectionsAndErasuresComeBack) {
  LogEntry lid;
  lid.kind = Kind::kLid;
  lid.id = kLid;
  lid.phone_jid = kAlice;
  lid.moves_history = true;
  EXPECT_EQ(RoundTrip(lid).phone_jid, kAlice);
  EXPECT_TRUE(RoundTrip(lid).moves_history);

  LogEntry objection;
  objection.kind = Kind::kObjection;
  objection.id = std::string("\0\xFF:", 3);
  objection.objection.add_others("other");
  EXPECT_EQ(RoundTrip(objection).id, objection.id);
  EXPECT_EQ(RoundTrip(objection).objection.others(0), "other");
  // An objection without content is no tombstone.
  objection.objection.Clear();
  EXPECT_FALSE(RoundTrip(objection).is_erased);

  for (const Kind kind : {Kind::kRecord, Kind::kLid, Kind::kObjection,
                          Kind::kSession, Kind::kAccess}) {
    LogEntry erased;
    erased.kind = kind;
    erased.id = kLid;
    erased.is_erased = true;
    EXPECT_TRUE(RoundTrip(erased).is_erased);
    EXPECT_EQ(RoundTrip(erased).kind, kind);
  }
}

TEST(LogMessageTest, ValuesOfAccountsAndTokensComeBackAsTheyAre) {
  for (const Kind kind : {Kind::kSession, Kind::kAccess}) {
    LogEntry entry;
    entry.kind = kind;
    entry.id = std::string("token/\0\xFF", 8);
    for (const std::string& value :
         {std::string("\0\xFF\n", 3), std::string()}) {
      entry.value = value;
      EXPECT_EQ(RoundTrip(entry).id, entry.id);
      EXPECT_EQ(RoundTrip(entry).value, value);
      EXPECT_FALSE(RoundTrip(entry).is_erased);
    }
  }
}

TEST(LogMessageTest, NodesTellOfThemselvesUntilTheyLeave) {
  store::v1::LoggedNode node;
  node.set_address("10.0.0.1:1");
  const std::string header = NodeHeader(7).SerializeAsString();
  const auto message =
      ParseLogMessage(header, KeyOfNode("n1"), node.SerializeAsString());
  ASSERT_TRUE(message.ok()) << message.status();
  EXPECT_EQ(message->type, LogMessage::Type::kNode);
  EXPECT_EQ(message->node_name, "n1");
  EXPECT_EQ(message->node.address(), "10.0.0.1:1");
  EXPECT_FALSE(message->has_left);
  EXPECT_TRUE(ParseLogMessage(header, KeyOfNode("n1"), std::nullopt)->has_left);
}

TEST(LogMessageTest, ClaimsOfTwoNodesHaveTwoKeys) {
  store::v1::LoggedClaim a, b;
  a.set_epoch(1);
  a.set_writer(1);
  b.set_epoch(1);
  b.set_writer(2);
  EXPECT_NE(KeyOf(a), KeyOf(b));
  const std::string key = KeyOf(a);
  const std::string value = a.SerializeAsString();
  const auto message = ParseLogMessage(Header(), key, value);
  ASSERT_TRUE(message.ok()) << message.status();
  EXPECT_EQ(message->type, LogMessage::Type::kClaim);
  EXPECT_EQ(message->claim.epoch(), 1u);
}

TEST(LogMessageTest, MessagesOfOthersAndOfNewerVersionsAreRefused) {
  EXPECT_THAT(ParseLogMessage(std::nullopt, "r:a", "x").status().message(),
              HasSubstr("--cluster-name"));
  EXPECT_EQ(ParseLogMessage("\xFF\xFF", "r:a", "x").status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(
      ParseLogMessage(Header(kLogVersion + 1), "r:a", "x").status().message(),
      HasSubstr("newer portraitd"));
  EXPECT_THAT(ParseLogMessage(Header(kLeastLogVersion - 1), "r:a", "x")
                  .status()
                  .message(),
              HasSubstr("another --cluster-name"));
  for (const char* key :
       {"r:a", "l:a", "o:a", "c:1:1", "i:1", "n:1", "x:a", ""}) {
    EXPECT_EQ(ParseLogMessage(Header(), key, "\xFF").status().code(),
              absl::StatusCode::kDataLoss)
        << key;
  }
  // A record under another contact's key.
  store::v1::LoggedContact logged;
  logged.mutable_record()->set_jid(kAlice);
  EXPECT_EQ(ParseLogMessage(Header(), "r:b", logged.SerializeAsString())
                .status()
                .code(),
            absl::StatusCode::kDataLoss);
}

TEST(LogMessageTest, ThePartitionIsThatOfTheContact) {
  constexpr uint32_t kPartitions = 64;
  // Two spellings of one number in Brazil, Mexico and Argentina.
  const char* const pairs[][2] = {{"+5511987654321", "+551187654321"},
                                  {"+525512345678", "+5215512345678"},
                                  {"+541123456789", "+5491123456789"},
                                  {"+13105551234", "+13105551234"}};
  for (const auto& pair : pairs) {
    const auto contact = ParseContact(pair[0]);
    ASSERT_TRUE(contact.ok()) << contact.status();
    const uint32_t expected =
        static_cast<uint32_t>(contact->PartitionKey() % kPartitions);
    for (const char* number : pair) {
      const std::string jid = std::string(number + 1) + "@s.whatsapp.net";
      EXPECT_EQ(PartitionOf(jid, kPartitions), expected) << number;
    }
  }
  EXPECT_LT(PartitionOf(kLid, 3), 3u);
  EXPECT_LT(PartitionOf("@s.whatsapp.net", 3), 3u);
}

}  // namespace
}  // namespace portrait::cluster
