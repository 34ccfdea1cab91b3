// Fuzzes the readers of bytes that come from others, guided by coverage, and checks what they promise. run.sh does everything:
//
//   ActorChat.Fuzzing seeds FOLDER      writes the first inputs of each target, from interop/vectors
//   ActorChat.Fuzzing TARGET            under afl-fuzz: runs what it hands over, again and again
//   ActorChat.Fuzzing TARGET FILE…      runs these inputs once and lets the exception of a finding through

using ActorChat.Fuzzing;
using ActorChat.Fuzzing.Targets;
using SharpFuzz;

var targets = new Dictionary<string, Action<byte[]>>
{
    ["framer"] = FramerTarget.Run,
    ["pdu"] = PduTarget.Run,
    ["text"] = TextTarget.Run,
    ["directory"] = DirectoryTarget.Run,
    ["sealed"] = SealedFileTarget.Run,
    ["log"] = LogTarget.Run,
};

switch (args)
{
    case ["seeds", var folder]:
        Seeds.Write(folder);
        return 0;
    case [var name] when targets.TryGetValue(name, out var target):
        // Runs the input in a child process, so that a crash of the process is a finding and does not end the run.
        Fuzzer.OutOfProcess.Run(stream =>
        {
            using var input = new MemoryStream();
            stream.CopyTo(input);
            target(input.ToArray());
        });
        return 0;
    case [var name, .. var files] when targets.TryGetValue(name, out var target):
        foreach (var file in files)
        {
            Console.WriteLine(file);
            target(File.ReadAllBytes(file));
        }

        return 0;
    default:
        Console.Error.WriteLine($"Usage: ActorChat.Fuzzing seeds FOLDER | TARGET [FILE…], with TARGET one of {string.Join(", ", targets.Keys)}");
        return 1;
}
