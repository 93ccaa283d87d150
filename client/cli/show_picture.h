// `portrait get --show`: draws a contact's picture in the terminal.
#ifndef PORTRAIT_CLIENT_CLI_SHOW_PICTURE_H_
#define PORTRAIT_CLIENT_CLI_SHOW_PICTURE_H_

#include "client/cli/interrupt.h"
#include "client/portrait_client.h"
#include "portrait/v1/profile_picture.pb.h"

namespace portrait::cli {

// Downloads the picture of `result` and draws it on standard output. Does
// nothing if standard output is no terminal, or the result has no picture.
// Prints the reason if the picture cannot be shown.
void ShowPicture(const v1::EnrichResult& result, client::PortraitClient& client,
                 Interrupt& interrupt);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_SHOW_PICTURE_H_
