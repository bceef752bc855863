using System.Globalization;
using System.Runtime.InteropServices;
using LogDomain.Peers.Peers;

namespace LogDomain.Peers;

/// <summary>Writes Markdown to the console and, if wished, to a file at the same time.</summary>
internal sealed class Report(string? file) : IDisposable
{
    private readonly StreamWriter? _file = file is null ? null : new StreamWriter(file) { AutoFlush = true, NewLine = "\n" };

    /// <summary>A section's title and what its figures depend on.</summary>
    public void Header(Options options, string[] arguments, IEnumerable<IPeer> peers)
    {
        string kind = options.Accuracy ? "Accuracy" : options.Masks ? "Masked rows" : "Speed";
        Line($"## {kind}: {string.Join(", ", options.Types)}, {Machine.InstructionSet}");
        Line();
        Line($"- Command: `LogDomain.Peers {string.Join(' ', arguments.Where((_, i) => !IsMarkdown(i)))}`");
        Line($"- Machine: {Machine.Processor}");
        Line($"- System: {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}");
        Line($"- Instruction set of .NET: {Machine.InstructionSet}");
        string settings = string.Join(", ", Machine.Settings);
        if (settings.Length > 0)
        {
            Line($"- Settings: {settings}");
        }

        foreach (IPeer peer in peers)
        {
            Line($"- {peer.Name}: {peer.Description}");
        }

        Line($"- Date: {DateTime.UtcNow:yyyy-MM-dd}");
        WriteLoad("at the start");
        Line();

        bool IsMarkdown(int i) => arguments[i] == "--markdown" || (i > 0 && arguments[i - 1] == "--markdown"); // a path of this machine
    }

    public void Legend(Options options)
    {
        (string other, string who) = options.Masks ? ("10% masked", "plain rows are") : (TorchPeer.Label, $"{OursPeer.Label} is");
        Line($"Speeds are billions of elements per second, the median of {options.Rounds} rounds; \"x {other}\" is how many times as fast {who},");
        Line("the median of the rounds' ratios. \"-\": the library has no such operation, type or threads.");
        Line();
    }

    /// <summary>Speeds, then how many times as fast the first contestant is as each of the others.</summary>
    public void Table(string title, IReadOnlyList<string> names, IReadOnlyList<Result> results)
    {
        IEnumerable<string> others = names.Skip(1);
        bool hasGoals = results.Any(result => Goals.Of(result).Count > 0);
        Line($"### {title}");
        Line();
        Row(["rows x columns", .. names, .. others.Select(name => $"x {name}"), .. Goal("goal")]);
        Rule(names.Count + others.Count(), hasGoals ? 1 : 0);
        foreach (Result result in results)
        {
            Row(
            [
                result.Shape.ToString(),
                .. names.Select(name => Number(result.Speed(name), "0.00")),
                .. others.Select(name => Number(result.Ratio(names[0], name), "0.00")),
                .. Goal(Verdict(result)),
            ]);
        }

        Line();

        IEnumerable<string> Goal(string cell) => hasGoals ? [cell] : [];
    }

    /// <summary>The least favourable shape of each operation against each of the others.</summary>
    public void Summary(IReadOnlyList<string> names, IReadOnlyList<Result> results)
    {
        IEnumerable<string> others = names.Skip(1);
        Line($"### The smallest ratio over all shapes: how many times as fast {names[0]} is");
        Line();
        Row(["operation", "type", "threads", .. others.Select(name => $"x {name}")]);
        Rule(2 + others.Count());
        foreach (var group in results.GroupBy(result => (result.Operation, result.Type, result.Threads)))
        {
            Row(
            [
                $"{group.Key.Operation}", $"{group.Key.Type}", $"{group.Key.Threads}",
                .. others.Select(other => Worst(group, names[0], other)),
            ]);
        }

        Line();
        (string Text, bool Met)[] goals = [.. results.SelectMany(Goals.Of)];
        Line($"- Goals: {goals.Count(goal => goal.Met)} met, {goals.Count(goal => !goal.Met)} missed");
    }

    /// <summary>On a busy machine PyTorch's threads wait for each other, and ratios on several threads mean little.</summary>
    public void WriteLoad(string when)
    {
        if (Machine.Load is string load)
        {
            Line($"- Load of the machine {when}: {load}");
        }
    }

    public void Row(IEnumerable<string> cells) => Line($"| {string.Join(" | ", cells)} |");

    /// <summary>The line below a table's head: a column of words, then columns of numbers, then words again.</summary>
    public void Rule(int numbers, int words = 0) =>
        Line("|---|" + string.Concat(Enumerable.Repeat("---:|", numbers)) + string.Concat(Enumerable.Repeat("---|", words)));

    public void Line(string text = "")
    {
        Console.WriteLine(text);
        _file?.WriteLine(text);
    }

    public void Dispose() => _file?.Dispose();

    public static string Number(double value, string format) => double.IsNaN(value) ? "-" : value.ToString(format, CultureInfo.InvariantCulture);

    private static string Verdict(Result result)
    {
        IReadOnlyList<(string Text, bool Met)> goals = Goals.Of(result);
        return goals.Count == 0 ? "-" : string.Join("; ", goals.Select(goal => $"{goal.Text}: {(goal.Met ? "met" : "**missed**")}"));
    }

    private static string Worst(IEnumerable<Result> results, string name, string other)
    {
        Result? worst = results.Where(result => !double.IsNaN(result.Ratio(name, other))).MinBy(result => result.Ratio(name, other));
        return worst is null ? "-" : $"{Number(worst.Ratio(name, other), "0.00")} ({worst.Shape})";
    }
}
