// The trusted contact tokens of the simulated network: with an account's token,
// another account may see pictures that are shown to trusted contacts only.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_TOKEN_OFFICE_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_TOKEN_OFFICE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/whatsapp/node.h"
#include "tests/whatsapp_sim/network.h"

namespace portrait::sim {

// Gives `owner`'s token, issued at that time, to the companions of `holder`.
void GiveToken(const Network& network, const Account& owner,
               const Account& holder, absl::Time issued_at);

// Whether `node` (<picture>, or a <user> of usync) has a token with which
// `asker` may see what `owner` shows to trusted contacts.
//
// Errors: those of Broken() for a token that `owner` did not give to this
// account, and for an expired one.
absl::StatusOr<bool> HasToken(const Asker& asker, const Account& owner,
                              const whatsapp::Node& node);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_TOKEN_OFFICE_H_
