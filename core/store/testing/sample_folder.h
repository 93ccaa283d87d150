// The main program for a function that writes this version's sample data into a
// folder, to be kept in tests/data.
#ifndef PORTRAIT_CORE_STORE_TESTING_SAMPLE_FOLDER_H_
#define PORTRAIT_CORE_STORE_TESTING_SAMPLE_FOLDER_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace portrait {

// Calls `write` with the program's only argument, a folder. Then removes from
// the database in its subfolder `database` (empty: the folder itself) the files
// that the database does not need or that name this machine. Returns the
// program's exit status.
int WriteSampleFolder(
    int argc, char** argv, absl::string_view database,
    absl::FunctionRef<absl::Status(const std::string& folder)> write);

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_TESTING_SAMPLE_FOLDER_H_
