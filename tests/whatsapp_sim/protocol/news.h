// What companions are told of the contacts they asked about, unasked.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_NEWS_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_NEWS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "core/whatsapp/jid.h"
#include "core/whatsapp/node.h"
#include "tests/whatsapp_sim/network.h"

namespace portrait::sim {

// <notification>s have the forms that WhatsApp has. Each goes to the companions
// that asked about the contact, or its owner's own.

// Nothing when there is nothing to see of it.
void TellOfPicture(const Network& network, uint64_t subject,
                   const whatsapp::Jid& jid, const Picture& before,
                   const Picture& after);
// A verified name that is another, or gone.
void TellOfBusiness(const Network& network, const Account& before,
                    const Account& after);
// That `before` has become `after`, of another number.
void TellOfNumberChange(const Network& network, const Account& before,
                        const Account& after);

// Notifications that do not carry the new picture: "update" and "update-hash"
// (contacts), "picture-hash", "picture-removed", "picture-empty" (no child),
// "picture-request", "devices" (names the LID), "account-sync" (to the
// account's own companions).
//
// Errors: INVALID_ARGUMENT for any other form.
absl::Status TellInForm(const Network& network, const Account& account,
                        absl::string_view form);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_NEWS_H_
