// The fixture of the tests of ties, which every PictureStore passes.
#ifndef PORTRAIT_CORE_STORE_TESTING_TIE_TEST_FIXTURE_H_
#define PORTRAIT_CORE_STORE_TESTING_TIE_TEST_FIXTURE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "core/store/testing/picture_store_test_fixture.h"
#include "core/store/testing/test_observations.h"

namespace portrait {

class TieTest : public PictureStoreTest {
 protected:
  // The observation, as `tenant` requested it now.
  Observation Asked(Observation observation, uint32_t tenant) {
    observation.forget_count = store().forget_count();
    observation.askers.push_back({tenant, store().forget_count()});
    return observation;
  }
  // A lookup of `jid` that is answered from the store.
  ContactTie Answered(const std::string& jid, uint32_t tenant, int second) {
    return {jid, tenant, store().forget_count(), At(second)};
  }
  void Tie(const std::vector<ContactTie>& ties) {
    EXPECT_TRUE(store().Tie(ties).ok());
  }
  Untied Untie(const std::string& jid, uint32_t tenant,
               bool erase_untied = false) {
    const auto untied = store().Untie(jid, tenant, erase_untied);
    EXPECT_TRUE(untied.ok()) << untied.status();
    return untied.value_or(Untied());
  }
  // The tenants that the record's ties name, as a reader finds them.
  std::vector<uint32_t> TenantsOf(const std::string& jid) {
    std::vector<uint32_t> tenants;
    const std::vector<absl::string_view> jids = {jid};
    EXPECT_TRUE(store()
                    .Read(jids,
                          [&](size_t, const StoredView& stored) {
                            for (uint32_t tenant = 1; tenant < 9; ++tenant) {
                              if (stored.record != nullptr &&
                                  stored.record->FindTie(tenant)) {
                                tenants.push_back(tenant);
                              }
                            }
                          })
                    .ok());
    return tenants;
  }
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_TESTING_TIE_TEST_FIXTURE_H_
