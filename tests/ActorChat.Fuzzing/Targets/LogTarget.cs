// The secure log on a folder made of the input: its reader, its verifier, and its writer with the recovery that goes before. Whatever the bytes, they say what is
// wrong in the documented way; every record that verification does not name is as it was written; and a writer neither heals damage nor loses records.

using ActorChat.Storage.SecureLog;

namespace ActorChat.Fuzzing.Targets;

internal static class LogTarget
{
    public static readonly LogRecord Record =
        new(DateTimeOffset.UnixEpoch, LogDirection.Received, "alice", "192.0.2.1:4711", new Guid("00112233-4455-6677-8899-aabbccddeeff"), null, "appended");

    private static readonly LogOptions Options = new() { SegmentSize = 600 };
    private static readonly LogFolder Folder = new(Scratch.NewFolder());

    public static void Run(byte[] input)
    {
        using var image = LogImage.Write(Folder, input);
        using var key = LogKey.Open(Folder, passphrase: null);
        Decode(image);
        Require.Within(fixedBytes: 4 * 1024 * 1024, bytesPerByte: 64, input.Length, () => Read(key));
        var before = Verify(image, key);
        Write(image, key, before);
    }

    private static void Decode(LogImage image)
    {
        foreach (var plaintext in image.Plaintexts)
        {
            if (LogRecordEncoding.Decode(plaintext) is { } record)
            {
                plaintext[0] = 2; // version 1 is read, version 2 written
                Require.Same(plaintext, LogRecordEncoding.Encode(record), "a record that is decoded is one that would have been written");
            }
        }
    }

    private static int Read(LogKey key)
    {
        var entries = new List<LogEntry>();
        using var reader = new LogReader(Folder, key);
        try
        {
            foreach (var entry in reader.Read())
            {
                Require.That(entry.Number == entries.Count + 1, "records are read in their order");
                entries.Add(entry);
            }
        }
        catch (SecureLogException e)
        {
            Require.That(e.Record == entries.Count + 1, "a reader says which record it cannot read");
        }

        Require.That(entries.Count <= (reader.Count() ?? long.MaxValue), "nothing is shown that was not acknowledged");
        Require.That(LogRows.Join(entries).Select(row => row.Entry.Number).SequenceEqual(LogRows.Join(entries).Select(row => row.Entry.Number).Order()), "rows are in the log's order");
        return entries.Count;
    }

    private static LogReport Verify(LogImage image, LogKey key)
    {
        var report = LogVerifier.Verify(Folder, key, image.VerificationKey);
        Require.That(report.Findings.All(finding => finding.ToString().EndsWith('.')), "a finding is a sentence");
        Require.That(
            !report.IsIntact || (report.Acknowledged <= report.Count && report.Trusted == report.Count),
            "where all that was acknowledged is not there, there are findings");
        if (!report.Findings.Any(finding => finding.Fault == LogFault.VerificationKeyWrong))
        {
            for (var number = 1L; number <= Math.Min(report.Count, 10_000); number++)
            {
                Require.That(
                    image.Genuine.Contains(number) || report.Findings.Any(finding => finding.FirstRecord <= number && number <= finding.LastRecord),
                    "a record that no finding names is as it was written");
            }
        }

        return report;
    }

    private static void Write(LogImage image, LogKey key, LogReport before)
    {
        using var head = HeadFile.Read(Folder, key);
        try
        {
            using var writer = LogWriter.Open(Folder, key, Options);
            Require.That(writer.Count == head!.Count + writer.Recovery.Adopted + (writer.Recovery.CutBytes > 0 ? 1 : 0), "the writer goes on where the log ended");
            Require.That(writer.Append(Record) == writer.Count + 1, "a record gets the next number");
            writer.Flush();
        }
        catch (SecureLogException e)
        {
            Require.That(e.Message.EndsWith('.'), "an error is a sentence");
            return;
        }

        for (var segment = 1; segment <= head!.Segment; segment++)
        {
            var kept = image.Before(segment, segment < head.Segment ? long.MaxValue : head.Offset);
            Require.That(File.ReadAllBytes(Folder.SegmentPath(segment)).AsSpan().StartsWith(kept), "nothing before the head is touched");
        }

        using var again = LogWriter.Open(Folder, key, Options);
        Require.That(again.Recovery == new LogRecovery(0, 0), "a log that was closed has nothing to recover");
        using var reader = new LogReader(Folder, key, firstRecord: again.Count);
        Require.That(!before.IsIntact || reader.Read().Last() == new LogEntry(again.Count, Record), "what was flushed is read");
        var after = LogVerifier.Verify(Folder, key, image.VerificationKey);
        Require.That(after.IsIntact == before.IsIntact, "a writer heals nothing and spoils nothing");
        Require.That(!after.IsIntact || (after.UnfinishedBytes == 0 && after.Count == again.Count), "a writer leaves nothing unfinished");
    }
}
