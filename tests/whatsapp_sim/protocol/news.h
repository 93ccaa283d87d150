// Sends notifications to companions about the contacts that they asked about.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_NEWS_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_NEWS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "core/whatsapp/jid.h"
#include "core/whatsapp/node.h"
#include "tests/whatsapp_sim/network.h"

namespace portrait::sim {

// <notification>s have WhatsApp's forms. Each is sent to the companions that
// asked about the contact, or to the owner's own companions.

// Sends nothing if no picture is visible.
void TellOfPicture(const Network& network, uint64_t subject,
                   const whatsapp::Jid& jid, const Picture& before,
                   const Picture& after);
// The verified name was changed or removed.
void TellOfBusiness(const Network& network, const Account& before,
                    const Account& after);
// The account `before` has changed its number and is now `after`.
void TellOfNumberChange(const Network& network, const Account& before,
                        const Account& after);

// Sends a notification without the new picture: "update" and "update-hash"
// (contacts), "picture-hash", "picture-removed", "picture-empty" (no child),
// "picture-request", "devices" (has the LID), "account-sync" (to the account's
// own companions).
//
// Errors: INVALID_ARGUMENT for any other form.
absl::Status TellInForm(const Network& network, const Account& account,
                        absl::string_view form);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_NEWS_H_
