#include "core/lookup/two_spellings.h"

#include <map>

#include "core/base/proto_time.h"
#include "gtest/gtest.h"

namespace portrait {
namespace {

// What a store has under a key.
struct Stored {
  v1::Registration registration = v1::REGISTRATION_UNSPECIFIED;  // no record
  int checked_at = 0;
  bool suppressed = false;
  absl::Status status;
};

const Stored kNothing;
const Stored kRegistered = {v1::REGISTRATION_REGISTERED, 5, false, {}};
const Stored kNobodys = {v1::REGISTRATION_NOT_REGISTERED, 7, false, {}};

// Tells `spellings` of it as a store does: what it gives lasts no longer.
void Tell(TwoSpellings* spellings, size_t key, const Stored& stored,
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
  spellings->Hear(key, told, on_contact);
}

// What counts of the two, told in this order.
Stored Joined(const Stored& one, const Stored& other) {
  TwoSpellings spellings(1);
  spellings.Add(0, whatsapp::PhoneNumberJid("5215512345678"));
  std::vector<absl::string_view> keys = {"525512345678@s.whatsapp.net"};
  spellings.AppendKeysTo(&keys);
  EXPECT_EQ(keys.size(), 2u);
  EXPECT_EQ(keys[1], "5215512345678@s.whatsapp.net");
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
  Tell(&spellings, 0, one, on_contact);
  EXPECT_EQ(calls, 0);
  Tell(&spellings, 1, other, on_contact);
  EXPECT_EQ(calls, 1);
  return heard;
}

TEST(TwoSpellingsTest, TheOneThatCountsIsToldOnce) {
  Stored newer = kNobodys;
  newer.checked_at = 9;
  const struct {
    Stored one, other;
    v1::Registration registration;
    int checked_at;
  } kCases[] = {
      {kNothing, kNothing, v1::REGISTRATION_UNSPECIFIED, 0},
      {kRegistered, kNothing, v1::REGISTRATION_REGISTERED, 5},
      // The one that exists, however old, before one that does not.
      {kRegistered, kNobodys, v1::REGISTRATION_REGISTERED, 5},
      {kNobodys, kNothing, v1::REGISTRATION_NOT_REGISTERED, 7},
      {kNobodys, newer, v1::REGISTRATION_NOT_REGISTERED, 9},
  };
  for (const auto& c : kCases) {
    for (const Stored& heard :
         {Joined(c.one, c.other), Joined(c.other, c.one)}) {
      EXPECT_EQ(heard.registration, c.registration);
      EXPECT_EQ(heard.checked_at, c.checked_at);
    }
  }
}

TEST(TwoSpellingsTest, AnObjectionOrADamagedRecordCountsBeforeAll) {
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

TEST(TwoSpellingsTest, OthersAreToldAsTheyCome) {
  TwoSpellings spellings(2);
  spellings.Add(1, whatsapp::PhoneNumberJid("5215512345678"));
  std::map<size_t, int> calls;
  const auto on_contact = [&](size_t index, const StoredView&) {
    ++calls[index];
  };
  for (size_t key = 0; key < 3; ++key) {
    Tell(&spellings, key, kRegistered, on_contact);
  }
  EXPECT_EQ(calls, (std::map<size_t, int>{{0, 1}, {1, 1}}));
}

}  // namespace
}  // namespace portrait
