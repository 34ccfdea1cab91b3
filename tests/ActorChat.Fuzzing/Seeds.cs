// The first inputs of each target: the PDUs of the vectors, the sample directory, and files that the code itself wrote, spelled as the targets take them.

using System.Text;
using System.Text.Json;
using ActorChat.Fuzzing.Targets;
using ActorChat.Storage.Sealing;
using ActorChat.Storage.SecureLog;

namespace ActorChat.Fuzzing;

internal static class Seeds
{
    /// <summary>Writes a folder for each target into <paramref name="folder"/>.</summary>
    public static void Write(string folder)
    {
        var conversation = Pdus("modern-conversation.json", "pdus");
        var altered = Pdus("control-information.json", "cases");
        var classic = Pdus("classic-conversation.json", "pdus");
        Write(folder, "framer", [Framed(conversation, 16383, 65535, 3, []), Framed(altered, 1000, 1000, 0, [0, 6, 40]), Framed(classic, 16383, 0, 255, [255])]);
        Write(folder, "pdu", [.. conversation, .. altered, .. classic]);
        Write(folder, "text", [.. Plaintexts(), .. Texts()]);
        Write(folder, "directory", Directories());
        Write(folder, "sealed", [.. SealedFiles()]);
        Write(folder, "log", [.. Logs()]);
    }

    private static void Write(string folder, string target, IReadOnlyList<byte[]> inputs)
    {
        var path = Directory.CreateDirectory(Path.Combine(folder, target)).FullName;
        for (var i = 0; i < inputs.Count; i++)
        {
            File.WriteAllBytes(Path.Combine(path, $"{i:D2}"), inputs[i]);
        }
    }

    private static List<byte[]> Pdus(string vector, string list) =>
        [.. Vectors.Load(vector).GetProperty(list).EnumerateArray().Select(item => Encoding.UTF8.GetBytes(item.Text("pdu")))];

    private static byte[] Framed(List<byte[]> pdus, ushort limit, ushort limitAfter, byte firstFew, byte[] sizes) =>
        [(byte)(limit >> 8), (byte)limit, (byte)(limitAfter >> 8), (byte)limitAfter, firstFew, (byte)sizes.Length, .. sizes, .. pdus.SelectMany(pdu => pdu.Append((byte)'\n'))];

    private static IEnumerable<byte[]> Plaintexts() => Vectors.ModernConversation.GetProperty("pdus").EnumerateArray()
        .Where(pdu => pdu.TryGetProperty("plaintext", out var plaintext) && plaintext.ValueKind == JsonValueKind.String)
        .Select(pdu => pdu.Hex("plaintext"));

    private static IEnumerable<byte[]> Texts() =>
    [
        "{\"text\": \"\\ud83d\\ude00 \\\"\\n\", \"of\": [{}], \"id\": \"0f8fad5b-d9cb-469f-a165-70867728950e\"}"u8.ToArray(),
        "{\"id\":\"0f8fad5b-d9cb-469f-a165-70867728950e\",\"text\":\"\u00e9\u2603\ud83d\ude00\u007f\"}"u8.ToArray(),
    ];

    private static List<byte[]> Directories()
    {
        var sample = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "directory.sample.json"));
        return
        [
            sample,
            "\uFEFF[\r\n\t{\"username\": \"zo\u00eb\", \"password\": \"\\u0022\\ud83d\\ude00\", \"ip\": \"::1\", \"port\": \"5001\", \"profile\": \"modern\", \"as\": \"z\"}\r\n]"u8.ToArray(),
            "[{\"Username\": 1, \"port\": 70000, \"port\": 1e3, \"ip\": \"a b\", \"password\": \"\", \"as\": \"a,b\"}, 7, [[]], {}]"u8.ToArray(),
            "[]"u8.ToArray(),
        ];
    }

    private static IEnumerable<byte[]> SealedFiles()
    {
        byte[] logKey = [.. "ACLOGKEY\0\0\0\u0001"u8, .. new byte[64]];
        foreach (var plaintext in new[] { logKey, logKey[..44], "[{\"username\": \"bob\", \"password\": \"p\", \"ip\": \"h\", \"port\": 1}]"u8.ToArray(), [] })
        {
            var file = SealedFile.Seal(plaintext, SealedFileTarget.Phrase, new Argon2Cost(1, Argon2Cost.MinMemoryKiB));
            yield return [0, .. file];
            yield return [1, .. file];
            yield return [2, .. SealedFileTarget.Decrypted(file)];
        }

        yield return [0, .. logKey];
    }

    // A log of seven records of every kind, about three to a segment: as it is; for the target to seal; and that with something missing: an earlier
    // head, as after a crash, with a genuine tail or a forged one; no head, or one with another key; a tail without MACs, or without seals.
    private static IEnumerable<byte[]> Logs()
    {
        var folder = new LogFolder(Scratch.NewFolder());
        var options = new LogOptions { SegmentSize = 600, Random = Keys };
        using var key = LogKey.Create(folder, passphrase: null, options);
        using var writer = LogWriter.Open(folder, key, options);
        var heads = new List<byte[]>();
        for (var i = 0; i < 7; i++)
        {
            heads.Add(File.ReadAllBytes(folder.HeadPath));
            writer.Append(LogTarget.Record with
            {
                Direction = (LogDirection)(i % 4 + 1),
                ShownUpTo = i == 3 ? 2 : null,
                Outcome = i % 2 == 0 ? null : LogOutcome.Delivered,
                MessageId = i == 4 ? null : LogTarget.Record.MessageId,
                Stream = i % 2 == 0 ? null : 0x0102030405060708,
                Sequence = i % 2 == 0 ? null : i,
                WrittenAt = i == 3 ? DateTimeOffset.UnixEpoch : null,
                Expires = i == 1 ? DateTimeOffset.UnixEpoch : null,
                Text = $"text {i}",
            });
            writer.Flush();
            if (i is 0 or 2)
            {
                yield return LogImage.InputOf(folder);
            }
        }

        var head = File.ReadAllBytes(folder.HeadPath);
        yield return LogImage.InputOf(folder);
        yield return LogImage.InputOf(folder, head, LogImage.All, LogImage.All, how: 3);
        yield return LogImage.InputOf(folder, head, LogImage.All, LogImage.All, how: 2);
        yield return LogImage.InputOf(folder, [.. head[..92], 1, .. head[93..]], LogImage.All, LogImage.All, how: 2);
        yield return LogImage.InputOf(folder, head, LogImage.All, LogImage.All, how: 0);
        yield return LogImage.InputOf(folder, head, vouch: 5, LogImage.All, how: 3);
        yield return LogImage.InputOf(folder, head, LogImage.All, seal: 3, how: 3);
        yield return LogImage.InputOf(folder, heads[0], LogImage.All, LogImage.All, how: 3);
        yield return LogImage.InputOf(folder, heads[5], LogImage.All, LogImage.All, how: 3);
        foreach (var mac in new[] { 1, 281 }) // where, from the end, the MAC of the last record ends, and that of the first one of its segment
        {
            var forged = LogImage.InputOf(folder, heads[2], vouch: 4, LogImage.All, how: 3);
            forged[^mac] ^= 1;
            yield return forged;
        }

        static void Keys(Span<byte> destination)
        {
            if (destination.Length == 64)
            {
                LogImage.FillKeys(destination);
            }
            else
            {
                destination.Fill(7);
            }
        }
    }
}
