#include "client/cli/list_flags.h"

namespace portrait::cli {

void AddListFlags(CLI::App& command, std::string* file, TableOptions* table) {
  command.add_option("FILE", *file, "The list to read; - reads standard input")
      ->required();
  command
      .add_option(
          "--column", table->phone_columns,
          "Column or JSON member with the phone number or JID. If given "
          "several times, the first non-empty column of a row is used")
      ->allow_extra_args(false);
  command.add_option(
      "--country-column", table->country_column,
      "Column with the country of each row, such as DE, DEU, Germany or +49");
  command.add_flag_callback(
      "--header", [table] { table->has_header = true; },
      "The first line has the names of the columns. If unset, this is detected "
      "from the content");
  command.add_flag_callback(
      "--no-header", [table] { table->has_header = false; },
      "The first line is a row of data");
  command.add_flag(
      "--split-cells", table->split_cells,
      "If a cell contains several numbers (separated by ':::', ';', ',', '/' "
      "or line breaks), look up each number and write an output row for each. "
      "If unset, such a cell is refused");
}

}  // namespace portrait::cli
