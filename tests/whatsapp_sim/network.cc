#include "tests/whatsapp_sim/network.h"

#include <utility>

#include "core/whatsapp/certificate.h"

namespace portrait::sim {
namespace {

constexpr absl::Duration kCertificateLife = absl::Hours(24 * 365);
// A client whose clock is behind still finds it valid.
constexpr absl::Duration kBackdated = absl::Hours(24);

}  // namespace

Network::Network(uint64_t seed, DirectoryShares shares, ServerKeys server_keys,
                 PictureUrls::Options url_options, Habits server_habits)
    : clock(url_options.clock),
      habits(server_habits),
      keys(std::move(server_keys)),
      certificate_chain(whatsapp::MakeCertificateChain(
          keys.root, keys.intermediate, keys.static_key.public_key,
          clock() - kBackdated, clock() + kCertificateLife)),
      directory(seed, shares),
      urls(std::move(url_options)) {}

}  // namespace portrait::sim
