// Network is the shared state of the connections of the simulated WhatsApp.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_NETWORK_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_NETWORK_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "core/base/clock.h"
#include "tests/whatsapp_sim/control/stanza_recorder.h"
#include "tests/whatsapp_sim/control/stats.h"
#include "tests/whatsapp_sim/directory/companions.h"
#include "tests/whatsapp_sim/directory/directory.h"
#include "tests/whatsapp_sim/directory/picture_urls.h"
#include "tests/whatsapp_sim/faults/faults.h"
#include "tests/whatsapp_sim/faults/login_refusals.h"
#include "tests/whatsapp_sim/protocol/noise_identity.h"
#include "tests/whatsapp_sim/protocol/pairing_desk.h"
#include "tests/whatsapp_sim/protocol/protocol_errors.h"
#include "tests/whatsapp_sim/protocol/server_keys.h"
#include "tests/whatsapp_sim/protocol/session_list.h"

namespace portrait::sim {

// Variants of the server's behaviour that WhatsApp also has.
struct Habits {
  // The client revision below which a login is refused with 405; 0: none.
  uint32_t client_min_revision = 0;
  // usync reports no error 401 or 404 for a picture that is hidden or not set.
  bool usync_bare_pictures = false;
  // Answers to picture queries have the rarer of WhatsApp's forms.
  bool odd_picture_answers = false;
  // A number is also found under its other spelling (Brazil, Mexico,
  // Argentina).
  bool resolves_spellings = true;
  // The interval of the server's pings on a quiet connection.
  absl::Duration ping_interval = absl::Seconds(30);
  // The time that a client has for acks and, once it is active, for prekeys.
  absl::Duration patience = absl::Seconds(60);
  // The lifetime of a stream, times 0.5 to 1.5, before the server ends it;
  // infinite: no limit.
  absl::Duration stream_life = absl::InfiniteDuration();
};

// Its parts are thread-safe. Must outlive the sessions.
struct Network {
  Network(uint64_t seed, DirectoryShares shares, ServerKeys server_keys,
          PictureUrls::Options url_options, Habits server_habits);

  const Clock clock;
  const Habits habits;
  const ServerKeys keys;
  NoiseIdentity noise_identity;
  Directory directory;
  const PictureUrls urls;
  std::unique_ptr<Companions> companions;  // set before anything is served
  FaultPlan faults;
  LoginRefusals login_refusals;
  Stats stats;
  ProtocolErrors protocol_errors;
  StanzaRecorder recorder;
  PairingDesk pairing_desk;
  SessionList sessions;
};

// A logged-in companion and the objects with which its requests are answered.
// Borrows all of them.
struct Asker {
  Network& network;
  Companion& companion;
  const Account& account;  // the companion's own account
};

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_NETWORK_H_
