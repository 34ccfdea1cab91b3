// Measures deliveries between real nodes, processes of the published program, on 127.0.0.0/8 (Linux):
//
//   dotnet publish src/ActorChat --output /tmp/actorchat-published
//   dotnet run -c Release --project bench/ActorChat.Delivery -- deliver --node /tmp/actorchat-published/actorchat
//
// A delivery is all of it: connect, agree keys, authenticate both ways, a text of 100 bytes, its receipt after fsync, close. An outcome other
// than delivered, a message too many or too few, a word on a node's standard error, an exit code other than 0: each fails the run.
// --help shows the modes; docs/performance.md quotes them, and bench/plots.py draws what --json wrote.

using System.CommandLine;
using System.Globalization;
using ActorChat.Delivery;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

var node = new Option<string>("--node") { Description = "The program: the published file, or actorchat.dll.", Required = true, Recursive = true };
var json = new Option<string?>("--json") { Description = "Write everything to this file as one JSON object; - is standard output.", Recursive = true };
var config = new Option<string?>("--config") { Description = "A HOCON file to lay over the bench's settings for both nodes, for a trial.", Recursive = true };
var environment = new Option<string[]>("--env") { Description = "NAME=VALUE for both nodes' environment, for a trial. May be repeated.", DefaultValueFactory = _ => [], Recursive = true };
var patience = new Option<int>("--patience") { Description = "Seconds to wait for what must come.", DefaultValueFactory = _ => 120, Recursive = true };
var warmUp = new Option<int>("--warm-up") { Description = "Deliveries before the first that counts.", DefaultValueFactory = _ => 3000, Recursive = true };
var rounds = new Option<int>("--rounds") { Description = "Turns of each.", DefaultValueFactory = _ => 5 };
var deliveries = new Option<int>("--deliveries") { Description = "Deliveries in a turn.", DefaultValueFactory = _ => 500 };
var root = new RootCommand("Measures deliveries between real nodes.") { node, json, config, environment, patience, warmUp };

var recipients = Numbers("--recipients", "How many recipients have a text on its way at a time; a block for each number.", 1, 8, 64, 512);
var seconds = new Option<int>("--seconds") { Description = "The length of a block.", DefaultValueFactory = _ => 10 };
Mode("deliver", "One text to each of some recipients at a time.", (modes, arguments) =>
    modes.DeliverAsync(arguments.GetValue(recipients)!, TimeSpan.FromSeconds(arguments.GetValue(seconds))), recipients, seconds);

var texts = new Option<int>("--texts") { Description = "How many.", DefaultValueFactory = _ => 10_000 };
Mode("burst", "Many texts to one recipient, all written at once.", (modes, arguments) => modes.BurstAsync(arguments.GetValue(texts)), texts);

var rest = new Option<int>("--seconds") { Description = "How long nothing happens.", DefaultValueFactory = _ => 30 };
Mode("idle", "Two nodes that do nothing, after their start and after 1,000 texts.", (modes, arguments) =>
    modes.IdleAsync(TimeSpan.FromSeconds(arguments.GetValue(rest))), rest);

var counts = Numbers("--counts", "Numbers of connections.", 1000, 2000, 4000);
Mode("connections", "Opens connections, unauthenticated and then authenticated ones, and holds them.", (modes, arguments) =>
    modes.ConnectionsAsync(arguments.GetValue(counts)!), counts);

var contacts = Numbers("--contacts", "Numbers of contacts.", 10, 100, 1000, 10_000);
Mode("contacts", "Few contacts and many, in turns.", (modes, arguments) =>
    modes.ContactsAsync(arguments.GetValue(contacts)!, arguments.GetValue(rounds), arguments.GetValue(deliveries)), contacts, rounds, deliveries);

var megabytes = Numbers("--megabytes", "Sizes of the log at both ends, in MB.", 0, 1000);
Mode("log", "A short log and a long one, in turns.", (modes, arguments) =>
    modes.LogAsync(arguments.GetValue(megabytes)!, arguments.GetValue(rounds), arguments.GetValue(deliveries)), megabytes, rounds, deliveries);

var peers = new Option<string[]>("--peer") { Description = "NAME=COMMAND: another program that delivers and prints its cost. May be repeated.", Required = true };
Mode("compare", "This node and other programs, in turns, one delivery at a time; bench/peers/run.sh starts it.", (modes, arguments) =>
    modes.CompareAsync(Pairs(arguments.GetValue(peers)!), arguments.GetValue(rounds), arguments.GetValue(deliveries)), peers, rounds, deliveries);

Mode("check", "Fails when a delivery costs more context switches or allocations than Limits.cs allows.", (modes, arguments) =>
    modes.CheckAsync(arguments.GetValue(deliveries)), deliveries);

return await root.Parse(args).InvokeAsync();

void Mode(string name, string description, Func<Modes, ParseResult, Task> measure, params Option[] options)
{
    var command = new Command(name, description);
    Array.ForEach(options, command.Options.Add);
    command.SetAction(async (arguments, end) =>
    {
        try
        {
            var file = arguments.GetValue(json);
            var report = new Report(file == "-" ? Console.Error : Console.Out);
            var trial = arguments.GetValue(config) is { } path ? await File.ReadAllTextAsync(path, end) : "";
            var start = new NodeStart(
                Path.GetFullPath(arguments.GetValue(node)!), trial, Pairs(arguments.GetValue(environment)!), TimeSpan.FromSeconds(arguments.GetValue(patience)));
            report.Say(string.Join(", ", report.Machine.Select(pair => $"{pair.Key} {pair.Value}")));
            await measure(new Modes(start, report, arguments.GetValue(warmUp)), arguments);
            if (file == "-")
            {
                Console.WriteLine(report.ToJson());
            }
            else if (file is not null)
            {
                await File.WriteAllTextAsync(file, report.ToJson(), end);
            }

            return 0;
        }
        catch (Exception e) when (e is BenchException or IOException or TimeoutException or System.ComponentModel.Win32Exception)
        {
            await Console.Error.WriteLineAsync($"the run has failed: {e.Message}");
            return 1;
        }
    });
    root.Subcommands.Add(command);
}

static Option<int[]> Numbers(string name, string description, params int[] otherwise) => new(name)
{
    Description = $"{description} Separated by commas.",
    DefaultValueFactory = _ => otherwise,
    CustomParser = result => [.. result.Tokens.Single().Value.Split(',').Select(number => int.Parse(number, CultureInfo.InvariantCulture))],
};

static Dictionary<string, string> Pairs(string[] pairs) => pairs.Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair.Length == 2 ? pair[1] : "");
