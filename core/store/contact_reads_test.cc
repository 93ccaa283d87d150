#include "core/store/contact_reads.h"

#include <map>

#include "core/base/proto_time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace portrait {
namespace {

// The stored data under one key.
struct Stored {
  v1::Registration registration = v1::REGISTRATION_UNSPECIFIED;  // no record
  int checked_at = 0;
  bool suppressed = false;
  absl::Status status;
};

const Stored kNothing;
const Stored kRegistered = {v1::REGISTRATION_REGISTERED, 5, false, {}};
const Stored kNotRegistered = {v1::REGISTRATION_NOT_REGISTERED, 7, false, {}};

// Passes a view that is valid only during the call, as a store does.
void Tell(ContactReads* reads, size_t key, const Stored& stored,
          PictureStore::OnStored on_contact) {
  store::v1::ContactRecord record;
  record.set_jid("1@s.whatsapp.net");
  record.set_registration(stored.registration);
  *record.mutable_check_time() =
      ToProto(absl::FromUnixSeconds(stored.checked_at));
  const std::string bytes = record.SerializeAsString();
  const RecordView view = *RecordView::Read(bytes);
  StoredView told;
  told.status = stored.status;
  told.suppressed = stored.suppressed;
  if (stored.registration != v1::REGISTRATION_UNSPECIFIED) told.record = &view;
  reads->OnStored(key, told, on_contact);
}

// The record that takes precedence if the two are passed in this order.
Stored Joined(const Stored& one, const Stored& other) {
  const Contact contact = *ParseContact("525512345678");
  ContactReads reads({&contact}, absl::FromUnixSeconds(100));
  EXPECT_THAT(reads.Keys(),
              testing::ElementsAre("525512345678@s.whatsapp.net",
                                   "5215512345678@s.whatsapp.net"));
  Stored heard;
  int calls = 0;
  const auto on_contact = [&](size_t index, const StoredView& stored) {
    EXPECT_EQ(index, 0u);
    ++calls;
    heard.status = stored.status;
    heard.suppressed = stored.suppressed;
    if (stored.record == nullptr) return;
    heard.registration = stored.record->registration();
    heard.checked_at = static_cast<int>(stored.record->check_time().seconds());
  };
  Tell(&reads, 0, one, on_contact);
  EXPECT_EQ(calls, 0);
  Tell(&reads, 1, other, on_contact);
  EXPECT_EQ(calls, 1);
  return heard;
}

TEST(ContactReadsTest,
     EachContactIsReportedOnceWithTheRecordThatTakesPrecedence) {
  Stored newer = kNotRegistered;
  newer.checked_at = 9;
  const struct {
    Stored one, other;
    v1::Registration registration;
    int checked_at;
  } kCases[] = {
      {kNothing, kNothing, v1::REGISTRATION_UNSPECIFIED, 0},
      {kRegistered, kNothing, v1::REGISTRATION_REGISTERED, 5},
      // A registered record takes precedence over an unregistered one of any
      // age.
      {kRegistered, kNotRegistered, v1::REGISTRATION_REGISTERED, 5},
      {kNotRegistered, kNothing, v1::REGISTRATION_NOT_REGISTERED, 7},
      {kNotRegistered, newer, v1::REGISTRATION_NOT_REGISTERED, 9},
  };
  for (const auto& c : kCases) {
    for (const Stored& heard :
         {Joined(c.one, c.other), Joined(c.other, c.one)}) {
      EXPECT_EQ(heard.registration, c.registration);
      EXPECT_EQ(heard.checked_at, c.checked_at);
    }
  }
}

TEST(ContactReadsTest, AnObjectionOrADamagedRecordCountsFirst) {
  Stored objected, damaged;
  objected.suppressed = true;
  damaged.status = absl::DataLossError("damaged");
  for (const Stored& other : {kNothing, kRegistered}) {
    EXPECT_TRUE(Joined(objected, other).suppressed);
    EXPECT_TRUE(Joined(other, objected).suppressed);
    EXPECT_FALSE(Joined(damaged, other).status.ok());
    EXPECT_FALSE(Joined(other, damaged).status.ok());
  }
}

TEST(ContactReadsTest, AContactWithASingleAddressIsReportedAtOnce) {
  const Contact plain = *ParseContact("13105551234");
  const Contact mexican = *ParseContact("525512345678");
  ContactReads reads({&plain, &mexican}, absl::FromUnixSeconds(100));
  std::map<size_t, int> calls;
  const auto on_contact = [&](size_t index, const StoredView&) {
    ++calls[index];
  };
  for (size_t key = 0; key < 3; ++key) {
    Tell(&reads, key, kRegistered, on_contact);
  }
  EXPECT_EQ(calls, (std::map<size_t, int>{{0, 1}, {1, 1}}));
}

}  // namespace
}  // namespace portrait
