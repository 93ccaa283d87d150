#include "server/tenant_view.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/contact_history.h"
#include "server/contact_objections.h"

namespace portrait {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kNumber[] = "+1 310 555 1234";
constexpr char kJid[] = "13105551234@s.whatsapp.net";
constexpr uint32_t kAcme = 1;
constexpr uint32_t kBank = 2;

Principal Caller(uint32_t tenant, const std::vector<v1::Right>& rights) {
  Principal caller;
  caller.tenant_number = tenant;
  for (const v1::Right right : rights) caller.rights.Add(right);
  return caller;
}

class TenantViewTest : public testing::Test {
 protected:
  // The result of a lookup by `tenant`.
  void Ask(uint32_t tenant, const std::string& id, int second) {
    Observation seen;
    seen.jid = kJid;
    seen.registration = v1::REGISTRATION_REGISTERED;
    seen.state = v1::PICTURE_STATE_AVAILABLE;
    seen.picture_id = id;
    seen.observed_at = absl::FromUnixSeconds(1'700'000'000 + second);
    seen.askers.push_back({tenant, store().forget_count()});
    ASSERT_TRUE(store().Apply({seen}).ok());
  }
  std::vector<std::string> Shown(const TenantView& view) {
    std::vector<Change> changes = *store().ReadChanges(0, 100);
    EXPECT_TRUE(KeepShown(store(), view, &changes).ok());
    std::vector<std::string> ids;
    for (const Change& change : changes) ids.push_back(change.new_id);
    return ids;
  }
  std::vector<std::string> History(const TenantView& view) {
    v1::ListProfilePictureChangesRequest request;
    request.set_contact(kNumber);
    v1::ListProfilePictureChangesResponse response;
    EXPECT_TRUE(ListChanges(store(), view, request, &response).ok());
    std::vector<std::string> ids;
    for (const auto& change : response.changes()) {
      ids.push_back(change.new_id());
    }
    return ids;
  }
  uint64_t ForgetAs(const TenantView& view, bool suppress = false) {
    v1::ForgetContactRequest request;
    request.set_contact(kNumber);
    request.set_suppress(suppress);
    v1::ForgetContactResponse response;
    EXPECT_TRUE(Forget(store(), view, request, &response).ok());
    return response.records_erased();
  }
  PictureStore& store() { return *stores_.pictures; }

  Stores stores_ = NewMemoryStores();
  const TenantView acme_ = TenantView::Of(Caller(kAcme, {v1::RIGHT_WATCH}),
                                          /*isolates_tenants=*/false);
  const TenantView bank_ = TenantView::Of(Caller(kBank, {v1::RIGHT_WATCH}),
                                          /*isolates_tenants=*/false);
};

TEST_F(TenantViewTest, ATenantSeesOnlyContactsThatItAskedAbout) {
  Ask(kBank, "1", 1);
  Ask(kBank, "2", 2);
  EXPECT_THAT(Shown(acme_), IsEmpty());
  EXPECT_THAT(History(acme_), IsEmpty());
  EXPECT_THAT(Shown(bank_), ElementsAre("1", "2"));
  EXPECT_THAT(History(bank_), ElementsAre("2", "1"));
  Ask(kAcme, "2", 3);
  EXPECT_THAT(Shown(acme_), ElementsAre("1", "2"));
}

TEST_F(TenantViewTest, TheRightWatchAllShowsAllUnlessTenantsAreIsolated) {
  Ask(kBank, "1", 1);
  const Principal watcher = Caller(kAcme, {v1::RIGHT_WATCH_ALL});
  EXPECT_THAT(Shown(TenantView::Of(watcher, false)), ElementsAre("1"));
  EXPECT_THAT(Shown(TenantView::Of(watcher, true)), IsEmpty());
  const Principal admin = Caller(kAcme, {v1::RIGHT_ADMIN});
  EXPECT_THAT(Shown(TenantView::Of(admin, true)), ElementsAre("1"));
}

TEST_F(TenantViewTest, AnIsolatedTenantSeesWhatChangedAfterItsFirstLookup) {
  const TenantView acme =
      TenantView::Of(Caller(kAcme, {v1::RIGHT_WATCH}), true);
  Ask(kBank, "1", 1);
  Ask(kBank, "2", 2);
  Ask(kAcme, "2", 3);
  EXPECT_THAT(Shown(acme), IsEmpty());
  Ask(kAcme, "3", 4);
  EXPECT_THAT(Shown(acme), ElementsAre("3"));
  EXPECT_THAT(History(acme), ElementsAre("3"));
  EXPECT_EQ(ForgetAs(acme), 1u);
  EXPECT_EQ(ForgetAs(acme), 0u);
}

TEST_F(TenantViewTest, ForgettingErasesTheContactWithItsLastTenant) {
  Ask(kBank, "1", 1);
  EXPECT_EQ(ForgetAs(acme_), 0u);
  Ask(kAcme, "1", 2);
  EXPECT_EQ(ForgetAs(acme_), 1u);
  EXPECT_THAT(History(bank_), ElementsAre("1"));
  EXPECT_EQ(ForgetAs(bank_), 3u);
  Ask(kBank, "1", 3);
  const TenantView admin =
      TenantView::Of(Caller(kAcme, {v1::RIGHT_ADMIN}), false);
  EXPECT_EQ(ForgetAs(admin), 3u);
}

TEST_F(TenantViewTest, ObjectionsAreListedByIdAndRemovedByContactOrId) {
  ForgetAs(bank_, /*suppress=*/true);
  v1::ListObjectionsResponse listed;
  ASSERT_TRUE(
      ListObjections(store(), v1::ListObjectionsRequest(), &listed).ok());
  ASSERT_THAT(listed.objections(), SizeIs(1));
  EXPECT_EQ(listed.next_page_token(), "");

  v1::RemoveObjectionRequest remove;
  v1::RemoveObjectionResponse removed;
  EXPECT_TRUE(
      absl::IsInvalidArgument(RemoveObjection(store(), remove, &removed)));
  remove.set_objection_id(listed.objections(0).objection_id());
  ASSERT_TRUE(RemoveObjection(store(), remove, &removed).ok());
  EXPECT_EQ(removed.objections_removed(), 1u);
  remove.clear_objection_id();
  remove.set_contact(kNumber);
  EXPECT_TRUE(absl::IsNotFound(RemoveObjection(store(), remove, &removed)));
}

}  // namespace
}  // namespace portrait
