// Network is the state of the simulated WhatsApp that its connections share.
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

// How the server behaves where WhatsApp's own behaviour varies.
struct Habits {
  // The client revision below which a login is refused with 405; 0: none.
  uint32_t client_min_revision = 0;
  // usync says nothing of a picture that is hidden or not set, instead of an
  // error 401 or 404.
  bool usync_bare_pictures = false;
  // Picture answers in the rarer of the forms that WhatsApp has for each.
  bool odd_picture_answers = false;
  // A number is found under its other spelling, too (Brazil, Mexico,
  // Argentina).
  bool resolves_spellings = true;
  // Of a quiet connection.
  absl::Duration ping_interval = absl::Seconds(30);
  // For what a client owes: acks, and prekeys once it is active.
  absl::Duration patience = absl::Seconds(60);
  // How long a stream lasts, times 0.5 to 1.5, until the server recycles it;
  // infinite: for ever.
  absl::Duration stream_life = absl::InfiniteDuration();
};

// Its parts are thread-safe. Outlives the sessions.
struct Network {
  Network(uint64_t seed, DirectoryShares shares, ServerKeys server_keys,
          PictureUrls::Options url_options, Habits server_habits);

  const Clock clock;
  const Habits habits;
  const ServerKeys keys;
  NoiseIdentity noise_identity;
  Directory directory;
  const PictureUrls urls;
  std::unique_ptr<Companions> companions;  // Set before anything is served.
  FaultPlan faults;
  LoginRefusals login_refusals;
  Stats stats;
  ProtocolErrors protocol_errors;
  StanzaRecorder recorder;
  PairingDesk pairing_desk;
  SessionList sessions;
};

// A logged-in companion and what its requests are answered from. Borrows all.
struct Asker {
  Network& network;
  Companion& companion;
  const Account& account;  // its own
};

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_NETWORK_H_
