using BenchmarkDotNet.Running;
using LogDomain.Benchmarks;

BenchmarkSwitcher.FromTypes([typeof(RowBenchmarks<>)]).Run(args);
