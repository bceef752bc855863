using System.Diagnostics;
using System.Globalization;
using LogDomain.Tests.Sweeps;

// Every float through every function of one float; pairs of floats, and a search among doubles. Exit code 1 if an error is above its limit.
// usage: [stride] [part of a name]...   With a stride every stride-th input only; with names the sweeps whose name begins so.
string[] names = args;
uint stride = 1;
if (args.Length > 0 && uint.TryParse(args[0], NumberStyles.None, CultureInfo.InvariantCulture, out uint first))
    (stride, names) = (first, args[1..]);

Sweep[] sweeps =
[
    .. ((IEnumerable<Sweep>)[.. SingleSweeps.All, .. SingleFunctionSweep.All, .. DoubleSearch.All])
        .Where(sweep => names.Length == 0 || names.Any(name => sweep.Name.StartsWith(name, StringComparison.Ordinal))),
];
bool good = sweeps.Length > 0;
Console.WriteLine($"{"function",-44} {"inputs",15} {"worst ulps",10} of limit  at");
foreach (Sweep sweep in sweeps)
{
    long start = Stopwatch.GetTimestamp();
    foreach (Worst worst in sweep.Run(stride))
    {
        good &= worst.IsWithinLimit;
        Console.WriteLine($"{worst}{(worst.IsWithinLimit ? "" : "  TOO LARGE")}");
    }

    Console.Error.WriteLine($"{sweep.Name}: {Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s");
}

return good ? 0 : 1;
