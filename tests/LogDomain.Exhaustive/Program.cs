using System.Diagnostics;
using LogDomain.Tests.Sweeps;

// Every float through every function of one float. Exit code 1 if an error is above its limit.
uint stride = args.Length > 0 ? uint.Parse(args[0]) : 1;
bool good = true;
Console.WriteLine($"{"function",-44} {"inputs",15} {"worst ulps",10} of limit  at");
foreach (Sweep sweep in SingleSweeps.All)
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
