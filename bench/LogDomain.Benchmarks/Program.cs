using BenchmarkDotNet.Running;
using LogDomain.Benchmarks;

BenchmarkSwitcher.FromTypes([typeof(AccumulatorBenchmarks<>), typeof(CrossEntropyOptionBenchmarks), typeof(RowBenchmarks<>)]).Run(args);
