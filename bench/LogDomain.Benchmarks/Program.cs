using BenchmarkDotNet.Running;
using LogDomain.Benchmarks;

BenchmarkSwitcher.FromTypes([typeof(AccumulatorBenchmarks<>), typeof(RowBenchmarks<>)]).Run(args);
