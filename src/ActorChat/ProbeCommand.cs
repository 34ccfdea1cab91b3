// actorchat probe: is somebody else's implementation of the protocol right, and if not, what is wrong with it? Everything about the protocol itself is
// in ActorChat.Conformance.

using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ActorChat.Conformance;
using ActorChat.Conformance.Rendering;
using ActorChat.Node;

namespace ActorChat;

/// <summary>The command that tests other implementations.</summary>
internal sealed class ProbeCommand
{
    /// <summary>The command's name.</summary>
    public const string Name = "probe";

    private const double MaxTimeout = 86_400;
    private const int AtOnce = 4;

    private readonly Argument<string?> _target = new("HOST:PORT") { Description = "The peer to call. Left out with --listen, --many and --list.", Arity = ArgumentArity.ZeroOrOne };

    private readonly Option<int?> _listen = new("--listen") { Description = "Wait for the peer's calls on this port, and test it as an initiator; 0 takes a free port.", HelpName = "PORT" };

    private readonly Option<string?> _many = new("--many") { Description = "Call every peer of this file: a line for each, HOST:PORT and what to call it.", HelpName = "FILE" };

    private readonly Option<string?> _name = new("--name", "-n") { Description = "Our own name, as the peer knows it.", HelpName = "NAME" };

    private readonly Option<string?> _passwordFile = new("--password-file") { Description = "A file whose first line is the password shared with the peer.", HelpName = "FILE" };

    private readonly Option<string> _profile = new("--profile") { Description = "The profile to speak: modern or classic.", HelpName = "PROFILE", DefaultValueFactory = _ => "modern" };

    private readonly Option<string[]> _only = new("--only") { Description = "Only this check, or those that begin so (2.crc); may be given several times.", HelpName = "ID" };

    private readonly Option<bool> _list = new("--list") { Description = "List the checks, and probe nobody." };

    private readonly Option<bool> _verbose = new("--verbose") { Description = "Show every byte, both ways, with the keys. Take a password that is used nowhere else." };

    private readonly Option<bool> _json = new("--json") { Description = "Write the report as JSON." };

    private readonly Option<string?> _junit = new("--junit") { Description = "Write the report to this file as JUnit's XML too.", HelpName = "FILE" };

    private readonly Option<string?> _html = new("--html") { Description = "Write the report to this file as one HTML page too.", HelpName = "FILE" };

    private readonly Option<double> _timeout = new("--timeout", "-t")
    {
        Description = "How long the probe of one peer may take in all, in seconds.",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => Patience.Default.Total.TotalSeconds,
    };

    /// <summary>Adds the command to the root.</summary>
    public static void AddTo(RootCommand root)
    {
        var probe = new ProbeCommand();
        probe._profile.AcceptOnlyFromAmong("modern", "classic");
        probe._only.CompletionSources.Add(_ => Catalogue.All.Select(check => new System.CommandLine.Completions.CompletionItem(check.Id)));
        var command = new Command(Name, "Test somebody else's implementation of the protocol: a grade for every sentence of docs/protocol.md, and the known mistakes by name.");
        command.Arguments.Add(probe._target);
        foreach (var option in new Option[]
        {
            probe._name, probe._passwordFile, probe._profile, probe._listen, probe._many, probe._only, probe._list, probe._verbose, probe._json, probe._junit, probe._html, probe._timeout,
        })
        {
            command.Options.Add(option);
        }

        command.SetAction((arguments, _) => probe.RunAsync(arguments));
        root.Subcommands.Add(command);
    }

    private async Task<int> RunAsync(ParseResult arguments)
    {
        var profile = arguments.GetValue(_profile) == "classic" ? Profiles.Classic : Profiles.Modern;
        var only = arguments.GetValue(_only) ?? [];
        if (only.FirstOrDefault(id => !Catalogue.All.Any(check => check.IsNamedBy(id))) is { } unknown)
        {
            throw new SettingsException($"--only {unknown} is no check; actorchat probe --list shows them");
        }

        if (arguments.GetValue(_list))
        {
            TextReport.WriteChecks(Console.Out, Catalogue.All.Where(check => check.Profiles.HasFlag(profile) && (only.Length == 0 || only.Any(check.IsNamedBy))));
            return 0;
        }

        using var stop = new CancellationTokenSource();
        void Stop(object? sender, ConsoleCancelEventArgs e)
        {
            e.Cancel = true; // what is known is still reported
            stop.Cancel();
        }

        Console.CancelKeyPress += Stop;
        try
        {
            var reports = await ProbeAsync(arguments, Request(arguments, profile, only), stop.Token);
            Show(arguments, reports);
            return reports.All(report => report.Holds) ? 0 : 1;
        }
        finally
        {
            Console.CancelKeyPress -= Stop;
        }
    }

    private ProbeRequest Request(ParseResult arguments, Profiles profile, string[] only)
    {
        var seconds = arguments.GetValue(_timeout);
        if (seconds is not (> 0 and <= MaxTimeout))
        {
            throw new SettingsException($"--timeout {seconds.ToString(CultureInfo.InvariantCulture)} is no time to wait; give seconds, more than 0 and at most 86400");
        }

        var name = arguments.GetValue(_name) ?? throw new SettingsException("our own name is missing; say it with --name, as the peer knows it");
        var file = arguments.GetValue(_passwordFile) ?? throw new SettingsException("the password shared with the peer is missing; give its file with --password-file");
        using var password = PassphraseOptions.ReadFile(file);
        return new ProbeRequest(profile, name, Encoding.UTF8.GetString(password.Utf8), only, Patience.Default with { Total = TimeSpan.FromSeconds(seconds) }, TimeProvider.System);
    }

    private async Task<IReadOnlyList<Report>> ProbeAsync(ParseResult arguments, ProbeRequest request, CancellationToken stop)
    {
        switch (arguments.GetValue(_target), arguments.GetValue(_listen), arguments.GetValue(_many))
        {
            case ({ } target, null, null):
                var peer = HostPort.Parse(target) ?? throw new SettingsException($"{target} is not host:port (an IPv6 address as [::1]:5002)");
                return [await Prober.CallAsync(request, peer.Host, peer.Port, stop)];
            case (null, >= 0 and <= IPEndPoint.MaxPort, null):
                return [await ListenAsync(arguments, request, stop)];
            case (null, { } port, null):
                throw new SettingsException($"--listen {port} is not a port; give a number from 0 to 65535");
            case (null, null, { } file):
                return await CallManyAsync(file, request, stop);
            default:
                throw new SettingsException("who is to be probed? Give either HOST:PORT, or --listen, or --many");
        }
    }

    private async Task<Report> ListenAsync(ParseResult arguments, ProbeRequest request, CancellationToken stop)
    {
        try
        {
            return await Prober.ListenAsync(
                request, IPAddress.Any, arguments.GetValue(_listen)!.Value, (purpose, port) => Complaint.Say($"port {port}: have the peer call and send a text; this call is for {purpose}"), stop);
        }
        catch (SocketException e)
        {
            throw new SettingsException($"port {arguments.GetValue(_listen)} cannot be listened on ({e.Message}); choose another, or end what holds it");
        }
    }

    private static async Task<IReadOnlyList<Report>> CallManyAsync(string file, ProbeRequest request, CancellationToken stop)
    {
        var lines = (await File.ReadAllLinesAsync(file, stop)).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#').ToArray();
        var peers = lines.Select(line => line.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries))
            .Select(words => (Peer: HostPort.Parse(words[0]) ?? throw new SettingsException($"{file}: {words[0]} is not host:port (an IPv6 address as [::1]:5002)"), Label: string.Join(' ', words))).ToArray();
        if (peers.Length == 0)
        {
            throw new SettingsException($"{file} names nobody; write a line HOST:PORT for each peer");
        }

        using var room = new SemaphoreSlim(AtOnce);
        return await Task.WhenAll(peers.Select(async peer =>
        {
            await room.WaitAsync(CancellationToken.None);
            try
            {
                return await Prober.CallAsync(request, peer.Peer.Host, peer.Peer.Port, stop) with { Target = peer.Label };
            }
            finally
            {
                room.Release();
            }
        }));
    }

    private void Show(ParseResult arguments, IReadOnlyList<Report> reports)
    {
        var isMany = arguments.GetValue(_many) is not null;
        if (arguments.GetValue(_json))
        {
            Console.Out.WriteLine(isMany ? JsonReport.Of(reports) : JsonReport.Of(reports[0]));
        }
        else if (isMany && !arguments.GetValue(_verbose))
        {
            TextReport.WriteMatrix(Console.Out, reports);
        }
        else
        {
            foreach (var report in reports)
            {
                TextReport.Write(Console.Out, report, arguments.GetValue(_verbose));
            }
        }

        if (arguments.GetValue(_junit) is { } junit)
        {
            File.WriteAllText(junit, JUnitReport.Of(reports));
        }

        if (arguments.GetValue(_html) is { } html)
        {
            File.WriteAllText(html, HtmlReport.Of(reports));
        }
    }
}
