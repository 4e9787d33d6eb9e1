#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "core/session.h"
#include "host/host_link.h"

namespace tandem::host {

// A model that another process runs, as one instance in the server sees it: a batch goes into shared memory, a packet
// says so, and the outputs are views of that memory.
class HostedSession final : public Session {
 public:
  // `model` names it in messages. `outputs` are the model's. An execution that takes longer than `timeout` ends the
  // host; 0: no limit.
  HostedSession(std::shared_ptr<HostLink> link, std::string model, std::vector<TensorSpec> outputs,
                std::chrono::milliseconds timeout);

  // Until there is a host, batches stay in the queue.
  void AwaitReady() override { link_->AwaitDecision(); }
  void StopWaiting() override;

  // Throws what the host tells, kInternal if it ends before it answers, kDeadlineExceeded. A batch that did not reach a
  // host waits for the next one.
  std::vector<OutputTensor> Run(std::span<const GatheredInput> inputs, std::span<const std::uint32_t> outputs,
                                Phases& phases, const std::shared_ptr<Loan>& loan) override;

 private:
  using Connection = std::shared_ptr<HostConnection>;

  void UseArena(const Connection& connection);
  std::vector<PlacedTensor> PlaceInputs(std::span<const GatheredInput> inputs);
  bool SendBatch(const Connection& connection, std::span<const GatheredInput> inputs,
                 std::span<const std::uint32_t> outputs);
  // The packet that ends the execution: kDone or kFailed.
  PacketReader ReceiveAnswer(const Connection& connection);
  void MakeRoom(const Connection& connection, std::size_t bytes);
  std::vector<OutputTensor> ReadOutputs(PacketReader& reader, std::span<const std::uint32_t> outputs);
  OutputTensor ReadOutput(const PlacedTensor& placed, const TensorSpec& spec) const;

  const std::shared_ptr<HostLink> link_;
  const std::string model_;
  const std::vector<TensorSpec> outputs_;
  const std::chrono::milliseconds timeout_;

  std::shared_ptr<Arena> arena_;  // of the host that ran the last batch
  std::shared_ptr<ArenaBlock> inputs_block_;
  std::vector<std::shared_ptr<ArenaBlock>> retained_;  // inputs that the host's model has kept
  std::shared_ptr<ArenaBlock> outputs_block_;
  std::size_t room_ = std::size_t{1} << 12;  // for outputs: the most that has been needed
  PacketWriter writer_;
};

}  // namespace tandem::host
