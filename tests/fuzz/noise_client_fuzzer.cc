// Fuzzes the client's side of a handshake.
//
// The first byte of the input decides how the rest is used: as the server's
// answer (0, 1), or as the certificates (2, 3) or the static key (4) of a
// server that seals them correctly, because random bytes would fail the
// decryption. For an odd kind, the client resumes.
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "core/whatsapp/noise_client.h"
#include "core/whatsapp/noise_server.h"
#include "tests/fuzz/expect.h"

namespace portrait::fuzz {
namespace {

using whatsapp::KeyPair;
using whatsapp::NoiseClientHandshake;
using whatsapp::NoiseServerHandshake;
using whatsapp::ServerCertificate;

constexpr int64_t kNow = 1763716800;

const KeyPair& Key(char seed) {
  static const auto& keys = *new std::vector<KeyPair>([] {
    std::vector<KeyPair> made;
    for (char c = 'a'; c <= 'e'; ++c) {
      made.push_back(whatsapp::KeyPairFromPrivate(std::string(32, c)));
    }
    return made;
  }());
  return keys[seed - 'a'];
}

NoiseClientHandshake MakeClient(bool resumes) {
  ServerCertificate known;
  if (resumes) known = {Key('a').public_key, kNow - 1, kNow + 1};
  return NoiseClientHandshake(
      {Key('b').public_key, absl::FromUnixSeconds(kNow), std::move(known)},
      Key('c'), Key('d'), "payload");
}

// The server's answer for this input.
std::string Answer(uint8_t kind, absl::string_view rest,
                   const std::string& hello) {
  if (kind < 2) return std::string(rest);
  NoiseServerHandshake::Options options{Key('a'), std::string(rest)};
  if (kind == 4) {
    // Any static key, even of low order, that the server claims.
    options = {{Key('a').private_key, std::string(rest.substr(0, 32))},
               std::string(rest.substr(std::min<size_t>(32, rest.size())))};
  }
  NoiseServerHandshake server(std::move(options), Key('e'));
  return server.OnClientHello(hello).value_or("");
}

void Run(absl::string_view input) {
  if (input.empty()) return;
  const uint8_t kind = static_cast<uint8_t>(input[0]) % 5;
  NoiseClientHandshake client = MakeClient(/*resumes=*/kind % 2 == 1);
  const std::string hello = client.ClientHello().value();
  const auto finish =
      client.OnServerHello(Answer(kind, input.substr(1), hello));
  if (!finish.ok()) return ExpectPresentable(finish.status());
  // The client trusts only keys that the root has signed, or that it trusted
  // before.
  Expect(client.server().public_key.size() == whatsapp::kKeyBytes,
         "a key is known afterwards");
  client.Split();
}

}  // namespace
}  // namespace portrait::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  portrait::fuzz::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
