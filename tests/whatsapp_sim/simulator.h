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

// Thread-compatible. The destructor stops it.
class Simulator {
 public:
  struct Options {
    // Each is HOST:PORT with a numeric host; port 0: any free port.
    std::string listen = "127.0.0.1:0";   // WhatsApp's WebSocket
    std::string control = "127.0.0.1:0";  // SimulatorService; empty: none
    std::string cdn = "127.0.0.1:0";      // pictures
    // The host in URLs that are handed out; empty: the host of `listen`.
    std::string host;

    // The folder for data that outlasts a restart: keys, companions, overridden
    // accounts. Created if it is missing; one simulator at a time may use it.
    std::string data_dir;
    bool tls = false;   // wss:// and https://, with its own authority
    uint64_t seed = 1;  // of the directory
    DirectoryShares shares;
    Habits habits;
    absl::Duration url_life = absl::Hours(24);  // of picture URLs
    int threads = 2;
    bool record_stanzas = false;  // needed for stanzas()
    std::string record_file;      // empty: none; see StanzaRecorder::WriteTo
    // The clock for certificates, URLs and pairing codes.
    Clock clock = SystemClock();
  };

  struct Endpoints {
    std::string url;       // ws://127.0.0.1:1234/ws/chat
    std::string control;   // HOST:PORT; empty: none
    std::string cdn;       // http://127.0.0.1:1235
    std::string root_key;  // clients must trust it; hexadecimal
    std::string ca;        // PEM file of the TLS authority; empty: no TLS

    // One JSON object with these names.
    std::string ToJson() const;
  };

  explicit Simulator(Options options);
  ~Simulator();

  // Starts serving and writes DATA_DIR/endpoints.json. Call Stop() before
  // calling it again.
  //
  // Errors: UNAVAILABLE if an address cannot be listened on or the folder
  // cannot be written, FAILED_PRECONDITION for a folder in use, DATA_LOSS for a
  // folder with unreadable content.
  absl::StatusOr<Endpoints> Start();

  // Ends all connections, and returns when all work has ended. After another
  // Start(), keys, companions and accounts are as before.
  void Stop();

  // ---- between Start() and Stop()
  Control& control();
  // The stanzas that clients have sent, in order. Thread-safe.
  std::vector<RecordedStanza> stanzas() const;
  // The protocol errors of clients, which WhatsApp would refuse. Thread-safe.
  std::vector<std::string> protocol_errors() const;

 private:
  struct Running;

  const Options options_;
  std::unique_ptr<Running> running_;  // null: stopped
};

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_SIMULATOR_H_
