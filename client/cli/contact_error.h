// What a failed call about one contact means for the contacts after it, and for
// the exit code.
#ifndef PORTRAIT_CLIENT_CLI_CONTACT_ERROR_H_
#define PORTRAIT_CLIENT_CLI_CONTACT_ERROR_H_

#include "client/cli/exit_code.h"
#include "grpcpp/support/status.h"
#include "portrait/v1/profile_picture.pb.h"

namespace portrait::cli {

// Whether a failed call concerns only its contact, so that the next contact may
// still be asked about. `error` is LookupErrorOf(status).
bool IsAboutContact(const grpc::Status& status, const v1::LookupError& error);

// The exit code for a contact of several that has an error.
ExitCode ExitCodeOfError(const v1::LookupError& error);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_CONTACT_ERROR_H_
