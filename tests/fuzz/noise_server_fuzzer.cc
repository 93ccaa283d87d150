// Fuzzes the simulated server's side of a handshake: both of the client's
// messages, after two bytes with the length of the first.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "core/whatsapp/noise_server.h"
#include "tests/fuzz/expect.h"

namespace portrait::fuzz {
namespace {

using whatsapp::KeyPair;
using whatsapp::NoisePattern;
using whatsapp::NoiseServerHandshake;

void Run(absl::string_view input) {
  static const KeyPair& key =
      *new KeyPair(whatsapp::KeyPairFromPrivate(std::string(32, 'a')));
  static const KeyPair& ephemeral =
      *new KeyPair(whatsapp::KeyPairFromPrivate(std::string(32, 'e')));
  if (input.size() < 2) return;
  const size_t first =
      static_cast<uint8_t>(input[0]) << 8 | static_cast<uint8_t>(input[1]);
  input.remove_prefix(2);
  NoiseServerHandshake server({key, "certificates"}, ephemeral);
  const auto hello = server.OnClientHello(input.substr(0, first));
  if (!hello.ok()) return ExpectPresentable(hello.status());
  Expect(!hello->empty(), "an answer says something");
  if (server.pattern() == NoisePattern::kIK) return;
  const auto client =
      server.OnClientFinish(input.substr(std::min(first, input.size())));
  if (!client.ok()) return ExpectPresentable(client.status());
  server.Split();
}

}  // namespace
}  // namespace portrait::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  portrait::fuzz::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
