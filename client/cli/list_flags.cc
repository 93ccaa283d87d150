#include "client/cli/list_flags.h"

namespace portrait::cli {

void AddListFlags(CLI::App& command, std::string* file, TableOptions* table) {
  command.add_option("FILE", *file, "The list; -: standard input")->required();
  command
      .add_option("--column", table->phone_columns,
                  "The column or member with the phone number or JID; given "
                  "several times: each row's first that is filled")
      ->allow_extra_args(false);
  command.add_option(
      "--country-column", table->country_column,
      "The column with the row's country: DE, DEU, Germany, +49");
  command.add_flag_callback(
      "--header", [table] { table->has_header = true; },
      "The first line names the columns; unset: judged by the rows");
  command.add_flag_callback(
      "--no-header", [table] { table->has_header = false; },
      "The first line is a row");
  command.add_flag("--split-cells", table->split_cells,
                   "Ask about each number of a cell that holds several "
                   "(separated by ':::', ';', ',', '/' or line breaks), one "
                   "output row each; unset: such a cell is refused");
}

}  // namespace portrait::cli
