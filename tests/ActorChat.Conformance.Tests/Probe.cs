// How the tests probe a peer with a mistake, and explain a report that they did not expect.

namespace ActorChat.Conformance.Tests;

internal static class Probe
{
    public static readonly Patience Short = new(TimeSpan.FromSeconds(5), TimeSpan.FromMilliseconds(500), TimeSpan.FromMinutes(2), TimeSpan.FromMilliseconds(10));

    // What one conversation shows by itself, without the trials.
    public static readonly string[] Shown =
    [
        "1.connection", "1.pdu", "2.names", "2.timestamp", "2.crc.1", "2.crc.2", "2.sealed", "2.hmac.1", "2.hmac.2", "2.body", "3.order", "3.challenge", "3.answer", "3.close",
        "4.key.1", "5.chain", "5.number", "5.iv", "5.secret", "6.key.1", "6.dhsk", "6.ack",
    ];

    public static async Task<Report> CallAsync(Profiles profile, string mistake, params string[] only)
    {
        using var peer = new WrongPeer(profile, mistake);
        return await Prober.CallAsync(new ProbeRequest(profile, WrongPeer.Caller, WrongPeer.Password, only, Short, TimeProvider.System), "127.0.0.1", peer.Listen());
    }

    public static string Explain(Report report) => $"named: {string.Join(", ", report.Deviations)}\n{report.Note}\n"
        + string.Join('\n', report.Results.Where(result => result.Grade is not (Grade.Pass or Grade.NotApplicable)).Select(result => $"{result.Grade} {result.Check.Id} {result.Finding}"));
}
