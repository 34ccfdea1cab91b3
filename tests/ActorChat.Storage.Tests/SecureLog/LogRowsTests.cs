// Sent messages and their outcomes as one row, also where ids stand more than once, which no node writes.

using ActorChat.Storage.SecureLog;

namespace ActorChat.Storage.Tests.SecureLog;

public sealed class LogRowsTests
{
    private static readonly Guid A = new("00000000-0000-0000-0000-00000000000a");
    private static readonly Guid B = new("00000000-0000-0000-0000-00000000000b");

    [Fact]
    public void An_outcome_goes_to_its_message_and_rows_keep_the_logs_order()
    {
        var rows = Join((A, null), (B, null), (B, LogOutcome.Delivered), (A, LogOutcome.Rejected));
        Assert.Equal([(1L, LogOutcome.Rejected), (2L, (LogOutcome?)LogOutcome.Delivered)], rows);
    }

    [Fact]
    public void An_id_that_comes_again_before_its_first_row_is_out_gets_rows_of_its_own()
    {
        var rows = Join((A, null), (B, null), (B, LogOutcome.Delivered), (B, null), (B, LogOutcome.Rejected));
        Assert.Equal([(1L, null), (2L, LogOutcome.Delivered), (4L, null), (5L, LogOutcome.Rejected)], rows);
    }

    private static IEnumerable<(long Number, LogOutcome? Outcome)> Join(params (Guid Id, LogOutcome? Outcome)[] records) => LogRows
        .Join(records.Select((record, i) => new LogEntry(
            i + 1, TestLog.Record("text") with { Direction = LogDirection.Sent, MessageId = record.Id, Outcome = record.Outcome })))
        .Select(row => (row.Entry.Number, row.Outcome));
}
