#include "core/whatsapp/signed_prekeys.h"

#include <gtest/gtest.h>

#include "core/whatsapp/prekeys.h"

namespace portrait::whatsapp {
namespace {

constexpr absl::Time kNow = absl::FromUnixSeconds(1763716800);

TEST(SignedPrekeysTest, AreReplaced27DaysAfterPairing) {
  Device device = MakeDevice();
  EXPECT_EQ(SignedPrekeyDue(device), absl::InfiniteFuture());
  device.paired_at = kNow;
  EXPECT_EQ(SignedPrekeyDue(device), kNow + absl::Hours(27 * 24));
  device.signed_prekey_due = kNow;
  EXPECT_EQ(SignedPrekeyDue(device), kNow);
}

TEST(SignedPrekeysTest, TheNextHasTheNextIdAndIsOfferedUntilItIsSettled) {
  Device device = MakeDevice();
  const SignedPrekey offered = StageSignedPrekey(device);
  EXPECT_EQ(offered.id, device.signed_prekey.id + 1);
  EXPECT_TRUE(XeddsaVerify(device.identity_key.public_key,
                           SignedPrekeyMessage(offered.key.public_key),
                           offered.signature));
  EXPECT_EQ(StageSignedPrekey(device).key.public_key, offered.key.public_key);

  device.signed_prekey.id = kMaxPrekeyId;
  device.offered_signed_prekey.reset();
  EXPECT_EQ(StageSignedPrekey(device).id, 1u);
}

TEST(SignedPrekeysTest, EachAnswerSettlesTheOfferInItsWay) {
  constexpr absl::Duration kLife = absl::Hours(27 * 24);
  const struct {
    int code;
    bool promoted;
    bool stands;  // the same key is offered again
    absl::Duration next;
  } cases[] = {
      {0, true, false, kLife},
      // The server refuses the key itself.
      {406, false, false, kLife},
      {409, false, false, kLife},
      // The server would repeat this refusal at each login.
      {400, false, true, kLife},
      {429, false, true, kLife},
      {500, false, true, absl::Hours(24)},
      {503, false, true, absl::Hours(24)},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.code);
    Device device = MakeDevice();
    const uint32_t id = StageSignedPrekey(device).id;
    SettleSignedPrekey(device, c.code, kNow);
    EXPECT_EQ(device.signed_prekey.id == id, c.promoted);
    EXPECT_EQ(device.offered_signed_prekey.has_value(), c.stands);
    EXPECT_EQ(SignedPrekeyDue(device), kNow + c.next);
  }
}

}  // namespace
}  // namespace portrait::whatsapp
