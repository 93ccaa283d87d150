// A simulated WhatsApp network that real clients accept: server, picture
// servers, directory, phones. For demos and tests; in process or as the program
// whatsapp-sim.
//
//   Simulator simulator({.data_dir = folder});
//   ASSIGN_OR_RETURN(const Simulator::Endpoints endpoints, simulator.Start());
//   simulator.control().ScanQrCode(qr_text, "+15551230001");
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_SIMULATOR_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_SIMULATOR_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/base/clock.h"
#include "tests/whatsapp_sim/control/control.h"
#include "tests/whatsapp_sim/control/stanza_recorder.h"
#include "tests/whatsapp_sim/directory/directory.h"
#include "tests/whatsapp_sim/network.h"

namespace portrait::sim {

// Thread-compatible. Destroying it stops it.
class Simulator {
 public:
  struct Options {
    // HOST:PORT each, with a numeric host; port 0 is any that is free.
    std::string listen = "127.0.0.1:0";   // WhatsApp's WebSocket
    std::string control = "127.0.0.1:0";  // SimulatorService; empty: none
    std::string cdn = "127.0.0.1:0";      // pictures
    // In addresses handed out; empty: the host listened on.
    std::string host;

    // What must outlast a restart: keys, companions, overridden accounts. Used
    // by one simulator at a time. Made if need be.
    std::string data_dir;
    bool tls = false;   // wss:// and https://, under an authority of its own
    uint64_t seed = 1;  // of the directory
    DirectoryShares shares;
    Habits habits;
    absl::Duration url_life = absl::Hours(24);  // of picture URLs
    int threads = 2;
    bool record_stanzas = false;  // for stanzas()
    std::string record_file;      // empty: none; see StanzaRecorder::WriteTo
    // Tells the directory of time: certificates, URLs, pairing codes.
    Clock clock = SystemClock();
  };

  struct Endpoints {
    std::string url;       // ws://127.0.0.1:1234/ws/chat
    std::string control;   // HOST:PORT; empty: none
    std::string cdn;       // http://127.0.0.1:1235
    std::string root_key;  // what clients must trust, hexadecimal
    std::string ca;        // PEM file of the TLS authority; empty: no TLS

    // One JSON object with these names.
    std::string ToJson() const;
  };

  explicit Simulator(Options options);
  ~Simulator();

  // Serves. Also writes DATA_DIR/endpoints.json. At most once before Stop().
  //
  // Errors: UNAVAILABLE for an address that cannot be listened on or a folder
  // that cannot be written, FAILED_PRECONDITION for a folder in use, DATA_LOSS
  // for one whose content cannot be read.
  absl::StatusOr<Endpoints> Start();

  // Ends all connections; returns when nothing runs any more. It can be started
  // again: the keys, companions and accounts are as before.
  void Stop();

  // ---- between Start() and Stop()
  Control& control();
  // What clients sent, in the order it came. Thread-safe.
  std::vector<RecordedStanza> stanzas() const;
  // What they did that WhatsApp would have refused. Thread-safe.
  std::vector<std::string> protocol_errors() const;

 private:
  struct Running;

  const Options options_;
  std::unique_ptr<Running> running_;  // null: stopped
};

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_SIMULATOR_H_
