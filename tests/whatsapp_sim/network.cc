#include "tests/whatsapp_sim/network.h"

#include <utility>

namespace portrait::sim {

Network::Network(uint64_t seed, DirectoryShares shares, ServerKeys server_keys,
                 PictureUrls::Options url_options, Habits server_habits)
    : clock(url_options.clock),
      habits(server_habits),
      keys(std::move(server_keys)),
      noise_identity(keys, clock()),
      directory(seed, shares),
      urls(std::move(url_options)) {}

}  // namespace portrait::sim
