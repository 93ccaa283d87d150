// Test contacts, and short ways to write observations.
#ifndef PORTRAIT_CORE_STORE_TESTING_TEST_OBSERVATIONS_H_
#define PORTRAIT_CORE_STORE_TESTING_TEST_OBSERVATIONS_H_

#include <string>

#include "core/store/observation.h"

namespace portrait {

inline constexpr char kAlice[] = "13105551234@s.whatsapp.net";
inline constexpr char kAliceLid[] = "100875997589545@lid";
inline constexpr char kBob[] = "4915112345678@s.whatsapp.net";

// `second` counts from a fixed time in the past.
inline absl::Time At(int second) {
  return absl::FromUnixSeconds(1'700'000'000 + second);
}

inline Observation Told(const std::string& jid, v1::PictureState state,
                        int second) {
  Observation observation;
  observation.jid = jid;
  observation.state = state;
  observation.observed_at = At(second);
  return observation;
}

inline Observation Available(const std::string& jid, const std::string& id,
                             int second) {
  Observation observation = Told(jid, v1::PICTURE_STATE_AVAILABLE, second);
  observation.picture_id = id;
  return observation;
}

inline Observation Registered(const std::string& jid,
                              v1::Registration registration, int second) {
  Observation observation;
  observation.jid = jid;
  observation.registration = registration;
  observation.observed_at = At(second);
  return observation;
}

inline Observation WithLid(Observation observation, const std::string& lid) {
  observation.lid = lid;
  return observation;
}

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_TESTING_TEST_OBSERVATIONS_H_
